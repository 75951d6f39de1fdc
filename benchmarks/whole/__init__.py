"""The whole path of a question, as a client meets it."""
