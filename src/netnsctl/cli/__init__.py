"""The command line. The only place where errors become exit codes."""
from __future__ import absolute_import, division, print_function

import os
import sys

from netnsctl.cli import commands, output
from netnsctl.compat import open_standard_streams
from netnsctl.errors import Interrupted, NetnsctlError, UsageError


def main(argv=None):
    """The program. Ends the process with the documented exit code, and never with a traceback for anything that a user
    can do."""
    from netnsctl.execution import signals
    open_standard_streams()
    os.umask(os.umask(0o022) | 0o022)  # for helpers: own_files sets the modes of what netnsctl itself creates
    signals.install()
    words = sys.argv[1:] if argv is None else argv
    try:
        status = _call(words)
    except (NetnsctlError, Interrupted) as error:
        status = _fail(words, error)
    except ImportError as error:
        status = _fail(words, _not_loaded(error))
    except EnvironmentError as error:
        # No declared error (no descriptor is left, say): what was begun has been rolled back by now.
        status = _fail(words, NetnsctlError(
            ': '.join(text for text in (error.filename, error.strerror or str(error)) if text)))
    except (MemoryError, SystemError):  # the second is what Python 3.11's import raises when there is none left
        output.warn('netnsctl: out of memory', escaped=True)
        status = 1
    if argv is not None:
        sys.exit(status)
    # Everything is written and closed; freeing every object would take a sixth of the time of `netnsctl wire`.
    output.flush()
    os._exit(status)


def _fail(words, error):
    """Reports the error that ends a command, with --json also as the document on standard output: its exit code."""
    if list(words[1:]) == ['help'] and error.exit_code in (2, 3) and commands.find(words[:1]) is not None:
        error.hint = 'Try: netnsctl help %s' % words[0]
    output.report_error(error)
    asked = words[:words.index('--') if '--' in words else None]
    # Who reads documents line by line gets this as a line too, whatever came before it.
    is_line = asked[:1] == ['watch'] or '--follow' in asked
    if _is_json_asked(asked) and (is_line or not output.emitted_json()):
        try:
            output.emit_json({'version': 1}, error, is_line)
        except output.OutputError as second:
            output.report_error(second)
    return error.exit_code


def _is_json_asked(words):
    return '--json' in words or '--format=json' in words or ('--format', 'json') in zip(words, words[1:])


def _call(argv):
    """Runs a command line: its exit code."""
    found = commands.split(argv)
    if found is not None:
        syntax, path, rest = found
        given = syntax.read(rest)
        if given is not None:
            name = ' '.join(path)
            if syntax.needs_root and os.geteuid() != 0:
                from netnsctl.edge import privileges
                privileges.require_root(name, argv)
            return syntax.call(name, given)
    try:
        from netnsctl.cli import program
    except EnvironmentError as error:
        raise NetnsctlError('cannot start: %s' % error)
    except ImportError:
        if found is not None:
            _require_known(*found)
        raise
    return program.call(argv)


def _require_known(syntax, path, rest):
    """UsageError for an option that the command does not have, where click cannot say so."""
    from netnsctl.cli import suggesting
    name = syntax.unknown_option(rest)
    if name is not None:
        path = ' '.join(path)
        raise UsageError('%s: no such option: %s' % (path, name),
                         hint=suggesting.option_hint('netnsctl ' + path, name, suggesting.options_of(syntax)))


def _not_loaded(error):
    """The NetnsctlError for an ImportError, with the command that installs what is missing."""
    name = hint = None
    try:
        from netnsctl.edge.host import Host
        from netnsctl.edge.packages import libraries
        name = libraries.missing(error)
        hint = name and libraries.install_command(Host(), [name])
    except (EnvironmentError, ImportError):
        pass  # no descriptor is left, say
    return NetnsctlError('cannot start: %s%s' % (name and name + ' cannot be imported: ' or '', error), hint=hint)
