"""The page that `netnsctl map -o map.html` writes, in a browser: it is searched, zoomed, moved, clicked and used with
the keyboard alone, and fetches nothing."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.usecases.drawing import html
from support import browser
from support.map_documents import document, large, link, space

EVIL = u'"><script>document.title = "evil"</script><img src=x onerror="document.title=\'evil\'">]]>\'\\u003c/script>'


@pytest.fixture(scope='module')
def tab():
    made = browser.start(1400)
    yield made
    made.close()


@pytest.fixture
def page(tab, tmpdir):
    """page(document): the tab with its map open; at the end nothing was complained of or fetched."""
    def opened(made):
        path = tmpdir.join('map.html')
        path.write_text(html.draw(made), 'utf-8')
        del tab.complaints[:], tab.asked[:]
        tab.open('file://%s' % path)
        return tab
    yield opened
    assert tab.complaints == []
    assert [url for url in tab.asked if not url.startswith('file://')] == []


def press(tab, key, target='document.body'):
    tab.evaluate('%s.dispatchEvent(new KeyboardEvent("keydown", {key: %r, bubbles: true, cancelable: true}))' % (
        target, str(key)))


def view(tab):
    return [float(word) for word in tab.evaluate('document.getElementById("map").getAttribute("viewBox")').split()]


def click(tab, selector, kind='click'):
    """A click in the middle of an element, by the browser's own mouse."""
    x, y = tab.evaluate('''(function () { var edge = document.querySelector(%r).getBoundingClientRect();
        return [edge.left + edge.width / 2, edge.top + edge.height / 2]; }())''' % str(selector))
    for event in ('mousePressed', 'mouseReleased'):
        tab.call('Input.dispatchMouseEvent', type=event, x=x, y=y, button='left', clickCount=1)


def details(tab):
    return tab.evaluate('document.getElementById("details").hidden ? null : '
                        'document.getElementById("about").textContent')


def test_a_click_on_a_link_shows_its_details_and_the_commands_of_its_wire(page):
    tab = page(large(6))
    assert details(tab) is None
    row = tab.evaluate('''Object.entries(JSON.parse(document.getElementById("data").textContent)).filter(
        function (pair) { return pair[1].title === "docker://web0:eth0"; })[0][0]''')
    click(tab, '#%s .name' % row)
    text = details(tab)
    assert text.startswith('docker://web0:eth0') and '172.17.0.2/16' in text
    assert 'netnsctl check web0-lan' in text and 'netnsctl unwire web0-lan' in text
    assert tab.evaluate('document.querySelectorAll(".line.chosen").length') == 1
    click(tab, '#close')
    assert details(tab) is None


def test_it_is_found_by_what_is_typed(page):
    tab = page(large(60))
    tab.evaluate('''(function () { var field = document.getElementById("search"); field.value = "172.17.0.42/16";
        field.dispatchEvent(new Event("input")); }())''')
    assert tab.evaluate('document.getElementById("told").textContent') == '1 found'
    before = view(tab)
    press(tab, 'Enter', 'document.getElementById("search")')
    assert details(tab).startswith('docker://web40:eth0') and view(tab)[:2] != before[:2]
    edge, all_of_it = [tab.evaluate('''(function () { var edge = document.querySelector(%r).getBoundingClientRect();
        return [edge.left, edge.top, edge.right, edge.bottom]; }())''' % name) for name in ('.row.chosen', '#map')]
    assert edge[1] >= all_of_it[1] and edge[3] <= all_of_it[3]


def test_it_zooms_and_moves_by_mouse_wheel_and_keys(page):
    tab = page(large(60))
    whole = view(tab)
    press(tab, '+')
    assert view(tab)[2] < whole[2]
    press(tab, '0')
    assert view(tab) == whole
    press(tab, 'ArrowDown')
    assert view(tab)[1] > whole[1]
    press(tab, '0')
    tab.call('Input.dispatchMouseEvent', type='mouseWheel', x=300, y=300, deltaX=0, deltaY=-200)
    assert tab.evaluate('''new Promise(function (done) { (function look() {
        if (+document.getElementById("map").getAttribute("viewBox").split(" ")[2] < %f) { done(true); }
        else { setTimeout(look, 20); } }()); })''' % whole[2])
    press(tab, '0')
    for event, x in (('mousePressed', 300), ('mouseMoved', 380), ('mouseReleased', 380)):
        tab.call('Input.dispatchMouseEvent', type=event, x=x, y=400, button='left', buttons=1, clickCount=1)
    assert view(tab)[0] < whole[0] and details(tab) is None


def test_the_keyboard_is_enough(page):
    tab = page(large(6))
    assert tab.evaluate('Array.from(document.querySelectorAll("#map .row, #map .box")).every('
                        'function (item) { return item.tabIndex === 0 && item.getAttribute("aria-label"); })')
    tab.evaluate('document.querySelector("#map .row").focus()')
    press(tab, 'Enter', 'document.activeElement')
    assert details(tab).startswith('host:')
    press(tab, 'Escape')
    assert details(tab) is None and tab.evaluate('document.activeElement.classList.contains("row")')
    press(tab, '/')
    assert tab.evaluate('document.activeElement.id') == 'search'


def test_light_and_dark_are_the_readers(page):
    tab = page(large(2))
    colours = []
    for scheme in ('light', 'dark'):
        tab.call('Emulation.setEmulatedMedia', features=[{'name': 'prefers-color-scheme', 'value': scheme}])
        colours.append([tab.evaluate('getComputedStyle(document.querySelector(%r)).%s' % pair) for pair in (
            ('.paper', 'fill'), ('#map .title', 'fill'), ('body', 'backgroundColor'))])
    tab.call('Emulation.setEmulatedMedia', features=[])
    assert not set(colours[0]) & set(colours[1])


def test_no_name_becomes_a_script_or_markup(page):
    tab = page(document(space('host', [link(EVIL, peer=(EVIL, EVIL), alias=EVIL, wire=EVIL, kind=EVIL)], names=[EVIL]),
                        space(EVIL, [link(EVIL, peer=('host', EVIL))], unread=EVIL), hostname=EVIL, wires=[
                            {'name': EVIL, 'state': 'whole', 'remarks': [EVIL], 'ends': []}]))
    assert tab.evaluate('document.querySelectorAll("script, img").length') == 2
    click(tab, '#map .row .name')
    assert 'alias' in details(tab) and tab.evaluate('document.querySelectorAll("script, img").length') == 2
    assert tab.evaluate('document.title').startswith('Networks of "><script>')
