"""Writing an archive into a cluster, by one writer at a time."""
