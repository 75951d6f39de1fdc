"""The archive as pages for people who look rather than ask: HTML made on the server, which needs no JavaScript.

Pages are values (``routes.answer``); who serves them, or writes them into files, is somebody else's business. Every
text on them goes through ``layout.element``, which escapes it.
"""
