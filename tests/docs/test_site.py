"""The manual's site as `make docs` built it: links lead somewhere, nothing is asked of the network, and each page can
be read on a telephone without a word on the browser's console."""
from __future__ import absolute_import, division, print_function

import io
import os
import re

import pytest

from support import browser, manpages
from support.program import TOP

SITE = os.path.join(TOP, 'build', 'site')
WIDTH = 400
REFERENCE = re.compile(r'<(\w+)\b[^>]*?\b(?:href|src)="?([^"\s>]+)')
# What sticks out of the page to the right and is in no box that scrolls by itself.
TOO_WIDE = '''
[...document.querySelectorAll(".md-content *")].filter((element) => {
  if (element.getBoundingClientRect().right <= innerWidth + 1) return false;
  for (let box = element.parentElement; box && !box.matches(".md-content"); box = box.parentElement)
    if (/auto|scroll/.test(getComputedStyle(box).overflowX)) return false;
  return !/auto|scroll/.test(getComputedStyle(element).overflowX);
}).map((element) => element.outerHTML.slice(0, 100))
'''
SEARCH = '''
new Promise((found) => {
  document.querySelector("label[for=__search]").click();
  const field = document.querySelector(".md-search__input");
  field.focus();
  field.value = "VLAN";
  field.dispatchEvent(new KeyboardEvent("keyup", { bubbles: true }));
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  const look = (left) => {
    const links = [...document.querySelectorAll(".md-search-result__link")].map((link) => link.getAttribute("href"));
    if (links.length || !left) found(links); else setTimeout(look, 200, left - 1);
  };
  look(50);
})
'''


def pages():
    """All pages of the site, as paths below it; none where it is not built."""
    found = []
    for folder, _, names in os.walk(SITE):
        found += [os.path.relpath(os.path.join(folder, name), SITE) for name in names if name.endswith('.html')]
    return sorted(found)


def text_of(page):
    with io.open(os.path.join(SITE, page), encoding='utf-8') as opened:
        return opened.read()


@pytest.fixture(scope='module')
def tab():
    made = browser.start(WIDTH)
    yield made
    made.close()


def test_the_site_has_a_page_for_each_command_and_the_start():
    assert 'index.html' in pages(), 'not built: make docs'
    wanted = ['commands/%s.html' % name.rpartition('.')[0] for name in manpages.names()]
    assert sorted(set(wanted) - set(pages())) == []


@pytest.mark.parametrize('page', pages())
def test_every_link_of_a_page_leads_somewhere_in_the_site(page):
    broken = []
    for tag, link in REFERENCE.findall(text_of(page)):
        if re.match('[a-z]+:', link):
            # A link that a person follows may lead out; what a browser fetches may not.
            broken += [link] if tag != 'a' else []
            continue
        path, _, anchor = link.partition('#')
        # The page for an address that is not there has no place of its own.
        target = path.lstrip('/') if page == '404.html' else os.path.join(os.path.dirname(page), path) if path else page
        target = os.path.normpath(target)
        if not os.path.exists(os.path.join(SITE, target)):
            broken.append(link)
        elif anchor and not anchor.startswith('__') and 'id="%s"' % anchor not in text_of(target):
            broken.append(link)
    assert broken == []


# A server gives the page for addresses that are not there; its links begin at the server's root.
@pytest.mark.parametrize('page', [page for page in pages() if page != '404.html'])
def test_a_page_is_readable_at_400_pixels_and_the_console_stays_silent(tab, page):
    del tab.complaints[:], tab.asked[:]
    tab.open('file://' + os.path.join(SITE, page))
    assert tab.evaluate('document.documentElement.scrollWidth') <= WIDTH
    assert tab.evaluate(TOO_WIDE) == []
    assert tab.evaluate('document.querySelector(".md-content h1").textContent')
    assert tab.complaints == []
    assert [url for url in tab.asked if not url.startswith(('file:', 'data:', 'blob:'))] == []


def test_the_search_works_in_a_folder_without_a_server(tab):
    del tab.complaints[:]
    tab.open('file://' + os.path.join(SITE, 'index.html'))
    found = tab.evaluate(SEARCH)
    assert [link for link in found if 'recipes/vlan.html' in link], (found, tab.complaints)
