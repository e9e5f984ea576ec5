"""What `netnsctl map --format mermaid` prints, read and drawn by mermaid itself, in a browser. `make test-mermaid`
fetches it; without it these tests are skipped."""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from netnsctl.usecases.drawing import mermaid
from support import browser
from support.map_documents import document, large, link, space
from support.program import TOP

SCRIPT = os.path.join(TOP, 'build', 'mermaid', 'package', 'dist', 'mermaid.min.js')
NAMES = ('a"];}', '<b>&amp;', 'x\\', '`$(id)`', '--> end', "it's", '#35;', 'end', '1. x', '- y', '**z**', '%% c',
         u'\u5bb9')


@pytest.fixture(scope='module')
def tab(tmpdir_factory):
    made = browser.start(1200, ('mermaid', SCRIPT))
    page = tmpdir_factory.mktemp('mermaid').join('page.html')
    page.write('<!DOCTYPE html><meta charset="utf-8"><body><script src="file://%s"></script>' % SCRIPT)
    made.open('file://%s' % page)
    yield made
    made.close()


def drawn(tab, made):
    """What mermaid makes of a map: the texts in its picture."""
    return tab.evaluate('''(async function () {
        mermaid.initialize({startOnLoad: false, maxEdges: 5000, maxTextSize: 5000000});
        var text = %s;
        await mermaid.parse(text);
        document.body.innerHTML = (await mermaid.render("m" + Math.floor(Math.random() * 1e9), text)).svg;
        return {text: document.body.textContent, scripts: document.querySelectorAll("svg script, svg img").length,
                groups: document.querySelectorAll("svg .cluster").length,
                nodes: document.querySelectorAll("svg .node").length}; }())''' % json.dumps(mermaid.draw(made)))


def test_a_host_of_containers_is_drawn(tab):
    made = large(12)
    found = drawn(tab, made)
    assert found['groups'] == len(made['namespaces'])
    assert found['nodes'] == sum(len(one['links']) or 1 for one in made['namespaces']) + 1  # and routing
    assert '172.17.0.2/16' in found['text'] and 'docker://web11' in found['text']


@pytest.mark.parametrize('name', NAMES)
def test_every_name_is_drawn_as_it_is(tab, name):
    found = drawn(tab, document(space('host'), space(name, [link(name, wire=name, peer=(name, 'y')), link(
        'y', peer=(name, name))])))
    assert found['text'].count(name) >= 2 and found['scripts'] == 0, found
