"""One HTML file of a run, to be opened by anybody: it needs no network and no server."""
