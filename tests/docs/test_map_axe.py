"""axe-core, a checker of accessibility, finds no serious fault in the page that `netnsctl map -o map.html` writes.
`make test-axe` fetches it; without it these tests are skipped."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from netnsctl.usecases.drawing import html
from support import browser
from support.map_documents import document, large, link, space
from support.program import TOP

SCRIPT = os.path.join(TOP, 'build', 'axe', 'package', 'axe.min.js')


@pytest.fixture(scope='module')
def tab():
    made = browser.start(1400, ('axe', SCRIPT))
    yield made
    made.close()


def faults(tab, path):
    """What axe-core finds in a page: list of 'rule: where', of the impacts serious and critical."""
    tab.open('file://%s' % path)
    with open(SCRIPT) as source:
        tab.evaluate(source.read() + ';1')
    return tab.evaluate('''axe.run().then(function (found) {
        return found.violations.filter(function (one) { return one.impact === "serious" || one.impact === "critical"; })
            .map(function (one) { return one.id + ": " + one.nodes.slice(0, 3).map(function (node) {
                return node.html.slice(0, 200) + " " + node.failureSummary; }).join(" | "); }); })''')


@pytest.mark.parametrize('made', [large(12), document(space('host', [link('eth0', 'nic')]), problems=[], notes=['x'])])
@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_no_serious_fault_is_found(tab, tmpdir, made, scheme):
    path = tmpdir.join('map.html')
    path.write_text(html.draw(made), 'utf-8')
    tab.call('Emulation.setEmulatedMedia', features=[{'name': 'prefers-color-scheme', 'value': scheme}])
    assert faults(tab, path) == []
