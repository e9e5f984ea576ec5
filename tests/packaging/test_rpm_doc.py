"""netnsctl-doc, the manual for a browser: pages that are whole without a network, in a package of their own."""
from __future__ import absolute_import, division, print_function

import os
import re

import pytest

from support.built_packages import Checkout

HTML = '/usr/share/doc/netnsctl-doc/html/'


@pytest.fixture
def pages(with_doc, tmpdir):
    """The folder of its pages, unpacked."""
    with_doc[0].unpack(str(tmpdir))
    return tmpdir.join(HTML)


@pytest.mark.thorough
def test_the_manual_is_a_package_of_its_own_that_asks_for_nothing(with_doc, built):
    doc, program = with_doc
    assert doc.query('%{NAME} %{ARCH}') == 'netnsctl-doc noarch'
    assert not [word for word in doc.requires() if not word.startswith('rpmlib(')]
    assert not [name for name in program.files if '/html/' in name]
    # Built with it or without it, netnsctl's own is the same.
    with open(program.path, 'rb') as one:
        with open(built('el9').path, 'rb') as other:
            assert one.read() == other.read()


def test_its_pages_are_those_of_the_manual_and_refer_to_nothing_elsewhere(with_doc, pages):
    for name in ('index.html', 'install.html', 'recipes/lan.html', 'commands/netnsctl-wire.html'):
        assert HTML + name in with_doc[0].files
    for page in pages.visit('*.html'):
        text = page.read_text('utf-8')
        assert not re.search(r'<(script|img|iframe)[^>]* src="?https?:', text), page
        assert not re.search(r'<link[^>]* rel="?stylesheet"?[^>]* href="?https?:', text), page


def test_what_its_pages_load_is_in_it(pages):
    for page in pages.visit('*.html'):
        for address in re.findall(r'<(?:script|img)[^>]* src="([^":]+)"|<link[^>]* href="([^":]+)"',
                                  page.read_text('utf-8')):
            path = ''.join(address).partition('#')[0].partition('?')[0]
            if page.basename != '404.html' and path not in ('', '.', '..'):
                assert page.dirpath().join(path).check(), (page, path)


@pytest.mark.thorough
def test_without_mandoc_the_build_says_so_and_what_helps(manual, tmpdir):
    checkout = Checkout(str(tmpdir.mkdir('checkout')))
    checkout.edit('docs/concepts.md', '# ', '# Other ')
    checkout.commit()
    tools = tmpdir.mkdir('bin')
    for folder in ('/bin', '/usr/bin'):
        for name in set(os.listdir(folder)) - set(['mandoc'] + os.listdir(str(tools))):
            os.symlink(os.path.join(folder, name), str(tools.join(name)))
    result = checkout.build('el9', words=['--without', 'bundled'], PATH=str(tools),
                            XDG_CACHE_HOME=str(tmpdir.mkdir('cache')))
    assert result.status == 1 and 'mandoc' in result.err and '--without doc' in result.err, result
