"""The tree read from disk: a bad file affects only its own wires."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.files import config_batch, config_files, iproute_names
from netnsctl.errors import NetnsctlError, UsageError
from netnsctl.model.ifcfg import aliases, fields, file_names, interface, lines, link, route_files, spaces, tree
from netnsctl.model.names import check_ifname
from netnsctl.usecases.tree import PLACE

PREFIX = 'ifcfg-'
_ROUTES = (('route-', 4), ('route6-', 6))
_RULES = (('rule-', 4), ('rule6-', 6))
SIDE_PREFIXES = tuple(prefix for prefix, _ in _ROUTES + _RULES)


class _Found(object):
    """What reading finds. interfaces, problems, unread, left: as tree.build() takes them."""

    def __init__(self):
        self.interfaces, self.problems, self.unread, self.left = [], [], [], []

    def add_problem(self, message, space, device=None, place=None, peer=interface.Unread.ANY, error=None):
        """error: the NetnsctlError that it is told by; all but UsageErrors are of what could not be read."""
        is_unread = error is not None and not isinstance(error, UsageError)
        self.problems.append(tree.Problem(message, space, is_unread=is_unread))
        self.unread.append(interface.Unread(space, device, place or message.partition(': ')[0], peer))


def read(host, root=PLACE, is_ours=True):
    """The whole tree: model.ifcfg.tree.Tree. NetnsctlError if the tree itself cannot be read.

    A save that was killed halfway is finished first: half of it could describe a different wire. is_ours: not where
    another user may have put it there.
    """
    found, folders = _Found(), []
    try:
        if is_ours:
            config_batch.finish(host, root)
    except UsageError as error:
        found.problems.append(tree.Problem(error.message))
    listed = config_files.list_folder(host, root)
    for space in listed:
        place = '%s/%s' % (root, space)
        if config_files.is_symlink(host, place):
            found.add_problem('%s: a symlink' % place, space)
        elif config_files.is_folder(host, place):
            if file_names.original_of(space) in listed and not _says_its_name(host, place, space):
                found.left.append((space, '%s: left alone, as a copy of %s' % (place, file_names.original_of(space))))
            else:
                folders.append(space)
        elif space.startswith((PREFIX,) + SIDE_PREFIXES):
            found.left.append((None, '%s: not read: the files of a namespace belong in a directory named after it, '
                                     'such as %s/%s/%s' % (place, root, spaces.HOST, space)))
    twice = _spelled_twice(folders)
    for space in folders:
        if space not in twice:
            _read_space(host, space, root, found)
    for space in sorted(twice):
        place = '%s/%s' % (root, space)
        found.unread.append(interface.Unread(space, None, place))
        if space < twice[space]:
            found.problems.append(tree.Problem('%s: %s/%s means the same, %s: remove one of the two' % (
                place, root, twice[space], spaces.target_of(space)), space, twice[space]))
    return tree.build(found.interfaces, found.problems, found.unread, found.left)


def _says_its_name(host, folder, space):
    """Does a file of a directory that is called as a copy of another one is (web.old) say that it is of just this
    namespace, as files that are saved do?"""
    try:
        for name in config_files.list_folder(host, folder):
            for line in lines.parse(config_files.read(host, '%s/%s' % (folder, name)) or '', name) \
                    if name.startswith(PREFIX) else ():
                if line.key == 'NETNS' and spaces.parse_target(line.value) == spaces.target_of(space):
                    return True
    except NetnsctlError:
        pass  # what cannot be read is left alone with the others
    return False


def _spelled_twice(names):
    """Of directories that stand for one target ('a', 'netns:a'): {each name: the other}."""
    first, found = {}, {}
    for name in names:
        target = spaces.target_of_or_none(name)
        if target is not None and first.setdefault(target, name) != name:
            found[name], found[first[target]] = first[target], name
    return found


def _read_space(host, space, root, found):
    """One directory, into a _Found."""
    folder = '%s/%s' % (root, space)
    try:
        spaces.target_of(space)
        names = config_files.list_folder(host, folder)
    except NetnsctlError as error:
        message = error.message if error.message.startswith(folder + ':') else '%s: %s' % (folder, error.message)
        found.add_problem(message, space, None, folder, error=error)
        return
    names = _without_left(names, folder, space, found)
    for name in names:
        place = '%s/%s' % (folder, name)
        device = name.partition('-')[2]
        if name.startswith(PREFIX) and file_names.parent_of(device) is None:
            try:
                found.interfaces.append(read_interface(host, folder, space, device, names))
            except NetnsctlError as error:
                found.add_problem(error.message, space, device, place, _peer_in(host, place), error)
        elif name.startswith((PREFIX,) + SIDE_PREFIXES):
            parent = file_names.parent_of(device)
            if parent is not None and not name.startswith(PREFIX):
                found.add_problem('%s: routes and rules of an alias belong to its link: %s-%s' % (
                    place, name.partition('-')[0], parent), space, parent, place)
            elif PREFIX + (parent or device) not in names:
                found.add_problem('%s: there is no %s%s for it' % (place, PREFIX, parent or device), space,
                                  parent or device, place)


def _without_left(names, folder, space, found):
    """The names of a directory's files that describe links; what is left alone is reported in a _Found."""
    kept = []
    for name in names:
        prefix, _, device = name.partition('-')
        if prefix + '-' not in (PREFIX,) + SIDE_PREFIXES:
            continue
        if file_names.is_copy(device):
            if not name.endswith('.tmp'):  # a save in progress
                found.left.append((space, '%s/%s: left alone, as a copy' % (folder, name)))
        elif 'lo' in (device, file_names.parent_of(device)):
            found.left.append((space, '%s/%s: left alone: lo is not the end of a wire' % (folder, name)))
        else:
            kept.append(name)
    return kept


def _peer_in(host, place):
    """Whom a file that is not well formed names as its other end: as interface.Unread has it."""
    try:
        text = config_files.read(host, place)
    except NetnsctlError:
        return interface.Unread.ANY
    return interface.Unread.ANY if text is None else interface.peer_in(text)


def read_interface(host, folder, space, device, names):
    """One link: interface.Interface. names: what its directory holds. NetnsctlError, with file and line."""
    place = '%s/%s%s' % (folder, PREFIX, device)
    try:
        check_ifname(device)
    except UsageError as error:
        raise UsageError('%s: %s' % (place, error.message))
    text = config_files.read(host, place)
    if text is None:
        raise UsageError('%s: it is gone' % place)
    parsed = link.from_lines(lines.parse(text, place), place, device)
    parts = [aliases.read(config_files.read(host, '%s/%s' % (folder, name)) or '', '%s/%s' % (folder, name),
                          name[len(PREFIX):], parsed)
             for name in names if name.startswith(PREFIX) and file_names.parent_of(name[len(PREFIX):]) == device]
    rows, found = {}, {}
    for prefix in SIDE_PREFIXES:
        if prefix + device in names:
            found[prefix] = _rows(host, '%s/%s%s' % (folder, prefix, device),
                                  parser_of(prefix, device, iproute_names.Names(host)), rows)
    return interface.Interface(
        space, parsed, place, [row for prefix, _ in _ROUTES for row in found.get(prefix, ())],
        [row for prefix, _ in _RULES for row in found.get(prefix, ())], rows, parts)


def parser_of(prefix, device, names):
    """Function of the words of a line of a file 'route-DEV', 'rule6-DEV': its Route or Rule. UsageError. names:
    iproute_names.Names."""
    for known, family in _ROUTES:
        if prefix == known:
            return route_parser(device, family, names)
    return rule_parser(dict(_RULES)[prefix], names)


def route_parser(device, family, names):
    """Function of the words of a line of route-DEV (4) or route6-DEV (6): route.Route. UsageError."""
    return lambda words: _routing().parse_route(words, device, family, names=names)


def rule_parser(family, names):
    """Function of the words of a line of rule-DEV (4) or rule6-DEV (6): rule.Rule. UsageError."""
    return lambda words: _routing().parse_rule(words, family, names=names)


def _routing():
    from netnsctl.model import routing  # few links have a line of either
    return routing


def _rows(host, place, parse_words, where):
    """The values of a file; where: {value: FILE:LINE}, added to."""
    found = []
    for number, value in route_files.parse(config_files.read(host, place) or '', place, parse_words):
        if where.setdefault(value, '%s:%d' % (place, number)) != '%s:%d' % (place, number):
            raise UsageError('%s:%d: %s is given twice: %s' % (place, number, ' '.join(value.words()), where[value]))
        found.append(value)
    return found


def ineffective(parsed):
    """Keys of a file's lines that initscripts know and netnsctl does not act on: [(number, key, why or None)]."""
    found = [(line.number, line.key, fields.find(line.key)[0]) for line in parsed if line.key is not None]
    return [(number, key, field.why) for number, key, field in found if not field.acted]
