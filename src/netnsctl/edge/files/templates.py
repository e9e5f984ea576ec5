"""The templates of the package (netnsctl/templates/*.j2), rendered by jinja2 2.8.1 (Python 2) or 3.x.

A value is never read as a template. The caller must check what a value may contain, because each format has its own
quoting.
"""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.compat import find_libraries, native, unicode_of, unicode_tree
from netnsctl.errors import NetnsctlError

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), 'templates')


def render(name, values, trim=False):
    """The text (native str) of the template FOLDER/name with these values ({name: text, number, list or dict}).

    A name that the template uses and values lacks is an error and not an empty text (StrictUndefined). trim: is the
    line feed behind a statement no part of the text? NetnsctlError if jinja2 is missing or the template is; what a
    value must not be, its user has checked.
    """
    find_libraries()
    try:
        # Imported here, so that `wire`, which renders nothing, does not pay for it.
        import jinja2
    except ImportError as error:
        from netnsctl.edge.host import Host
        from netnsctl.edge.packages import libraries
        raise NetnsctlError('render %s: jinja2 cannot be imported: %s' % (name, error),
                            hint=libraries.install_command(Host(), ['jinja2']))
    # FileSystemLoader: PackageLoader of 2.8 needs pkg_resources, which an unpacked package need not have.
    environment = jinja2.Environment(  # nosec B701 # most are not markup; those that are escape each text (`| e`)
        loader=jinja2.FileSystemLoader(unicode_of(FOLDER)), autoescape=False, undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True, trim_blocks=trim)
    try:
        return native(environment.get_template(name).render(unicode_tree(values)))
    except jinja2.TemplateError as error:
        raise NetnsctlError('render %s: %s: %s' % (name, error.__class__.__name__, error))
