"""tantivy with the n-gram tokenizer of its wheel; it has none that cuts Japanese into words.

Tried: n-grams of 2, 3, 1-2, 2-3, 2-4 and 1-3 letters, a field for titles of its own, and the query parser, which makes
a phrase of every word and so finds hardly a sentence. One to three letters in one field ranked best.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tantivy

from benchmarks.quality.judged_stories import Story
from benchmarks.quality.peers import weighted


class Tantivy:
    """One index in memory."""

    how = "its `ngram` tokenizer, one to three letters, lower case; any n-gram of the query, by its BM25"

    def build(self, stories: Sequence[Story], folder: Path) -> None:
        fields = tantivy.SchemaBuilder()
        fields.add_text_field("body", tokenizer_name="letters", index_option="freq")
        fields.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        self.schema, self.analyzer = fields.build(), _analyzer()
        index = tantivy.Index(self.schema)
        index.register_tokenizer("letters", _analyzer())
        writer = index.writer(num_threads=1)
        for story in stories:
            writer.add_document(tantivy.Document(id=story.id, body=weighted(story)))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self.searcher = index.searcher()

    def search(self, query: str, depth: int) -> list[str]:
        grams = dict.fromkeys(self.analyzer.analyze(query))
        terms = [tantivy.Query.term_query(self.schema, "body", gram, index_option="freq") for gram in grams]
        asked = tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])
        hits = self.searcher.search(asked, depth, count=False).hits
        return [self.searcher.doc(address)["id"][0] for _, address in hits]


def _analyzer() -> Any:
    letters = tantivy.Tokenizer.ngram(min_gram=1, max_gram=3, prefix_only=False)
    return tantivy.TextAnalyzerBuilder(letters).filter(tantivy.Filter.lowercase()).build()
