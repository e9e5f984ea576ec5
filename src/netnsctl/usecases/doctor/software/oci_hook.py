"""netnsctl's OCI hook: does podman read the directory that it is in, and is its program there?"""
from __future__ import absolute_import, division, print_function

import json
import os
import re

from netnsctl.compat import native_tree, shell_quote
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import Remediation, ok, warn

FOLDER, NAME = '/usr/share/containers/oci/hooks.d', 'netnsctl.json'
_SETTINGS = ('/usr/share/containers/containers.conf', '/etc/containers/containers.conf')
_MORE_SETTINGS = '/etc/containers/containers.conf.d'


@check('oci-hook', 'runtimes')
def check_oci_hook(host):
    """podman can start netnsctl's OCI hook, where both are there."""
    if host.find('podman') is None:
        return ok('podman is not installed')
    folders, said_in = _folders(host)
    evidence = [('podman reads', ' '.join(folders)), ('which is said in', said_in or 'no file: that is the default')]
    places = ['%s/%s' % (folder.rstrip('/'), NAME) for folder in folders]
    found = [place for place in places if host.exists(place)]
    if not found:
        if not host.exists('%s/%s' % (FOLDER, NAME)):
            return ok('not installed', evidence)
        return warn('podman does not read %s' % FOLDER, evidence, Remediation(
            'Containers are not wired before their first process runs, until hooks_dir in %s names that directory.'
            % said_in))
    program = _program(host, found[-1])
    evidence.append(('hook', found[-1]))
    if program is None:
        return warn('%s is not a hook' % found[-1], evidence, Remediation(
            'podman may start no container with it.', ['rm %s' % shell_quote(found[-1])]))
    evidence.append(('program', program))
    if not os.access(host.path(program), os.X_OK):
        return warn('the program of the hook is not there', evidence, Remediation(
            'podman starts no container: %s names %s, which cannot be run.' % (found[-1], program),
            ['rm %s' % shell_quote(found[-1])]))
    return ok('installed', evidence)


def _folders(host):
    """(the directories of hooks that root's podman reads, the file that says so or None)."""
    folders, said_in = [FOLDER], None
    more = ['%s/%s' % (_MORE_SETTINGS, name) for name in host.listdir(_MORE_SETTINGS) if name.endswith('.conf')]
    for place in _SETTINGS + tuple(more):
        said = re.findall(r'(?ms)^[ \t]*hooks_dir[ \t]*=[ \t]*\[(.*?)\]', host.read(place) or '')
        if said:
            folders, said_in = re.findall(r'["\']([^"\'\n]+)["\']', re.sub('(?m)#.*$', '', said[-1])), place
    return folders, said_in


def _program(host, place):
    """The program that a file of a hook names, or None."""
    try:
        data = native_tree(json.loads(host.read(place) or ''))
        path = data['hook']['path']
    except (ValueError, KeyError, TypeError, RuntimeError):
        return None
    return path if isinstance(path, str) and path.startswith('/') else None
