"""The live page at ``/``: static files, and the feed that keeps them current.

Commands and forms of the page use the documented routes with the user's own token; the feed is all that is the page's
own. ``feed`` says what has changed, ``routes`` serve it and the files of ``static``.
"""
