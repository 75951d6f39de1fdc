"""Building and searching, against the engines a user would pick, on the same stories, tokens and queries."""
