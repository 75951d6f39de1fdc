"""zunda-mcp: an archive of dated episodes, answerable."""
