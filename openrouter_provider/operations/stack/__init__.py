"""A stack as the command line sees it: its project, its exported state, its history, its siblings."""
