"""The config tree's files: lexing, the table of keys, values, routes and rules, and the wires that a tree describes.

    lines    the text of one file as assignments, with its comments; quoting
    fields   FIELDS, the one table of keys
    link     an ifcfg file's values, from and to assignments
    masks    prefix lengths, from PREFIX, NETMASK or the class of an address
    spaces   the names of the tree's directories
    route_files  the rows of route and rule files
    interface    what the files of one link say, and what is known of files that cannot be used
    tree     files -> the wires they describe
    fitting  do the two ends of a wire go together?
No I/O.
"""
from __future__ import absolute_import, division, print_function
