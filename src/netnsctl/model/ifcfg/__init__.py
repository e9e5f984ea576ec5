"""The config tree's files: lexing, the table of keys, values, routes and rules, and the wires that a tree describes.

    lines    the text of one file as assignments, with its comments; quoting
    fields   FIELDS, the one table of keys
    link     an ifcfg file's values, from and to assignments
    spaces   the names of the tree's folders
    tree     files -> the wires they describe
No I/O.
"""
from __future__ import absolute_import, division, print_function
