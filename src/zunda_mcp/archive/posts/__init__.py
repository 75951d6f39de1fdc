"""One's own posts: Twilog's CSV export and the archive that X hands out, as days with the posts in them.

``twilog`` reads the lines of a CSV, ``x_archive`` the data files of an X archive; both make ``Post`` rows, and ``days``
makes a draft of every day. Nothing here looks at any other file or at the network.
"""
