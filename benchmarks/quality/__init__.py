"""How good the answers are: judged queries, asked of zunda-mcp and of the engines a user would pick, in one run."""
