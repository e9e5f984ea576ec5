"""The pictures that `netnsctl map` draws: what reads them accepts them, whatever namespaces and links are called."""
from __future__ import absolute_import, division, print_function

import json
import xml.dom.minidom

import pytest

from netnsctl.compat import unicode_of
from support import process
from support.lacking import lacking

# Names that anybody may give: quotes, markup, escapes, and bytes that are no text.
SPACES = ('a"];}', '<b>&amp;', 'x\\', '`$(id)`', '--> end', "it's", '\x1b[31m', '#35;')
LINKS = ('"<i>\\n', '&lt;]', 'end"];--', '\x07\x1b]0;x', "';|{}`")


def drawn(host, form):
    """A picture of a host with such names, each joined to the host."""
    for number, name in enumerate(SPACES):
        link = LINKS[number % len(LINKS)]
        for words in (['netns', 'add', name],
                      ['link', 'add', 'p%d' % number, 'type', 'veth', 'peer', 'name', link, 'netns', name],
                      ['-n', name, 'link', 'set', 'dev', link, 'alias', '"><script>alert(1)</script>']):
            process.must(host.prefix + ['ip'] + words)
    result = host('map', '--format', form)
    assert (result.status, result.err) == (0, ''), result
    return result.out


def test_graphviz_draws_it(host):
    text = drawn(host, 'dot')
    try:
        shown = json.loads(process.must(['dot', '-Tjson'], feed=text))
    except OSError:
        lacking('graphviz', 'there is no dot')
    clusters = [item for item in shown['objects'] if item['name'].startswith('cluster_')]
    assert len([item for item in clusters if item['label'].startswith('netns://')]) == len(SPACES)
    assert len(shown['edges']) == len(SPACES)
    labels = [item['label'] for item in shown['objects'] if 'label' in item]
    assert [label for label in labels if label.startswith(u'"<i>\\\\n  veth')], labels
    assert '\x1b' not in text


def test_mermaid_gets_no_letter_that_it_takes_for_markup(host):
    text = drawn(host, 'mermaid')
    lines = unicode_of(text).splitlines()
    assert lines[0] == 'flowchart LR'
    assert len([line for line in lines if line.startswith('  subgraph')]) == len(SPACES) + len(
        [line for line in lines if line.startswith('  subgraph') and 'netns' not in line])
    for line in lines[1:]:
        inside = line.split('"')[1::2]
        assert not set(''.join(inside).replace('<br>', '')) & set('<>`{}[]|\\&$'), line
        assert line.count('"') in (0, 2)


def test_a_picture_is_xml_with_each_namespace_and_no_markup_of_theirs(host):
    picture = xml.dom.minidom.parseString(drawn(host, 'svg'))
    titles = [item.firstChild.data for item in picture.getElementsByTagName('text')
              if item.getAttribute('class') == 'title']
    assert sorted(title for title in titles if title.startswith('netns://')) == sorted(
        'netns://' + name.replace('\x1b', '\\x1b') for name in SPACES)
    assert picture.getElementsByTagName('script') == [] and picture.getElementsByTagName('i') == []
    assert len([line for line in picture.getElementsByTagName('path')
                if line.getAttribute('data-first')]) == len(SPACES)


@pytest.mark.parametrize('form,ending', [('dot', '.gv'), ('mermaid', '.mmd'), ('svg', '.svg'), ('html', '.html')])
def test_the_ending_means_the_format(host, tmpdir, form, ending):
    path = str(tmpdir.join('map' + ending))
    assert host('map', '-o', path).status == 0
    with open(path) as picture:
        assert picture.read() == host('map', '--format', form).out
