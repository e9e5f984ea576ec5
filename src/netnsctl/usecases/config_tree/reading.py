"""The tree read from disk: a bad file costs only its own wires."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge import config_files
from netnsctl.errors import NetnsctlError, UsageError
from netnsctl.model import addressing
from netnsctl.model.endpoint import check_ifname
from netnsctl.model.ifcfg import fields, lines, link, route_files, spaces, tree
from netnsctl.usecases.config_tree import IGNORED, PLACE

PREFIX = 'ifcfg-'
_ROUTES = (('route-', 4), ('route6-', 6))
_RULES = (('rule-', 4), ('rule6-', 6))


def read(host, root=PLACE):
    """The whole tree: model.ifcfg.tree.Tree. NetnsctlError where the tree itself cannot be read."""
    interfaces, problems = [], []
    for space in config_files.list_folder(host, root):
        if not config_files.is_folder(host, '%s/%s' % (root, space)):
            continue
        found, bad = read_space(host, space, root)
        interfaces += found
        problems += bad
    return tree.build(interfaces, problems)


def read_space(host, space, root=PLACE):
    """One folder: (list of tree.Interface, list of tree.Problem)."""
    folder = '%s/%s' % (root, space)
    found, problems = [], []
    try:
        spaces.target_of(space)
        names = config_files.list_folder(host, folder)
    except NetnsctlError as error:
        return [], [tree.Problem('%s: %s' % (folder, error.message), space)]
    for name in names:
        if not name.startswith(PREFIX) or name.endswith(IGNORED):
            continue
        try:
            found.append(read_interface(host, folder, space, name[len(PREFIX):], names))
        except NetnsctlError as error:
            problems.append(tree.Problem(error.message, space))
    return found, problems


def read_interface(host, folder, space, device, names):
    """One link: tree.Interface. names: what its folder holds. NetnsctlError, with file and line."""
    place = '%s/%s%s' % (folder, PREFIX, device)
    try:
        check_ifname(device)
    except UsageError as error:
        raise UsageError('%s: %s' % (place, error.message))
    text = config_files.read(host, place)
    if text is None:
        raise UsageError('%s: it is gone' % place)
    parsed = link.from_lines(lines.parse(text, place), place, device)
    routes, rules = [], []
    for prefix, family in _ROUTES:
        if prefix + device in names:
            routes += _rows(host, '%s/%s%s' % (folder, prefix, device), route_parser(device, family))
    for prefix, family in _RULES:
        if prefix + device in names:
            rules += _rows(host, '%s/%s%s' % (folder, prefix, device), rule_parser(family))
    return tree.Interface(space, parsed, place, routes, rules)


def route_parser(device, family):
    """Function of the words of a line of route-DEV (4) or route6-DEV (6): addressing.Route. UsageError."""
    return lambda words: addressing.parse_route(words, device, family)


def rule_parser(family):
    """Function of the words of a line of rule-DEV (4) or rule6-DEV (6): addressing.Rule. UsageError."""
    return lambda words: addressing.parse_rule(words, family)


def _rows(host, place, parse_words):
    text = config_files.read(host, place)
    return [] if text is None else [value for _, value in route_files.parse(text, place, parse_words)]


def ineffective(parsed):
    """Keys of a file's lines that initscripts know and netnsctl does not act on: [(number, key)]."""
    return [(line.number, line.key) for line in parsed if line.key is not None and not fields.is_acted(line.key)]
