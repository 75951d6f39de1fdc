"""Transcripts: what was said in an episode, by whom and when, from whatever form it is written down in.

- ``reading.read_transcript``: the text of a file becomes a ``model.Transcript`` and what was wrong in it. None raises.
  One module for each form: ``vtt``, ``srt``, ``segments`` (JSON), ``turns`` (Markdown and plain text), ``script``.
- ``pairing.pair``: which transcript is whose, by names.
- ``alignment.align``: which part of it is about which story. ``passages.passages`` cuts what is about none.
- ``attach.with_transcript``: all of this for one episode.
- ``clock.at``: the address that opens a recording at a time; ``clock.clock``: a time as players show it.

Nothing here opens a file, and this module imports nothing: a scan needs ``pairing`` alone.
"""
