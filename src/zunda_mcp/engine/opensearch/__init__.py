"""The engine that keeps its index in an OpenSearch cluster: the extra ``opensearch``."""
