"""The archive as pages for browsers: HTML made on the server, which needs no JavaScript.

Pages are plain values (``routes.answer``), to be served over HTTP or written into files. Every text on them goes
through ``layout.element``, which escapes it.
"""
