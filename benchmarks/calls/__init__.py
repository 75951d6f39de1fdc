"""Calls over stdio: their time over a tool that does nothing, and ten thousand of them in one conversation."""
