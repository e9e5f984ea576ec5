"""README.md and the pages of the manual lead somewhere, are short, and name commands and options that there are."""
from __future__ import absolute_import, division, print_function

import os
import re

import pytest

from support import clicktree, doc_pages
from support.program import TOP

LINK = re.compile(r'\]\(([^)\s]+)\)')
PAGES = doc_pages.names()


def prose(name):
    """A page without its fenced blocks."""
    return re.sub(r'(?ms)^```.*?^```$', '', doc_pages.source(name))


def anchors(name):
    """Of each heading, as GitHub and MkDocs make them."""
    headings = re.findall(r'(?m)^#+ (.+)$', prose(name))
    return [re.sub(r'[^\w\- ]', '', heading.lower()).strip().replace(' ', '-') for heading in headings]


@pytest.mark.parametrize('name', PAGES)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(name):
    broken = []
    for link in LINK.findall(prose(name)):
        if '://' in link:
            continue
        path, _, anchor = link.partition('#')
        target = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
        if not os.path.exists(os.path.join(TOP, target)):
            broken.append(link)
        elif anchor and anchor not in anchors(target):
            broken.append(link)
    assert broken == []


def test_every_page_of_the_manual_is_reached_from_readme():
    reached, todo = set(), ['README.md']
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            links = [link.partition('#')[0] for link in LINK.findall(prose(name)) if '://' not in link]
            todo += [path for path in (os.path.normpath(os.path.join(os.path.dirname(name), link)) for link in links)
                     if path in PAGES]
    assert sorted(set(PAGES) - reached) == []


def test_readme_is_read_at_one_sitting():
    assert len(doc_pages.source('README.md').splitlines()) <= 120


def commands_of(name):
    """What a page has of netnsctl's command lines, as lists of words: those in blocks of commands and in the text."""
    pieces = [block.text.replace('\\\n', ' ') for block in doc_pages.blocks(name) if block.kind == 'sh']
    pieces += [' '.join(code.split()) for code in re.findall(r'`([^`]+)`', prose(name))]
    for piece in pieces:
        for command in re.findall(r'(?m)(?:^|[;&|(] *|\bdo |\bsudo )netnsctl ([a-z][^\n|;&`\']*)', piece):
            yield command.split()


@pytest.mark.parametrize('name', PAGES)
def test_no_page_names_a_command_or_an_option_that_is_not_there(name):
    known = clicktree.commands()
    wrong = []
    for words in commands_of(name):
        path = ' '.join(words[:2]) if ' '.join(words[:2]) in known else words[0]
        if words[0] in ('help', 'netns', 'netnsctl-watch', 'netnsctl-release'):
            continue
        if path not in known:
            wrong.append(words)
            continue
        options = [one for option in clicktree.options(path) for one in clicktree.option_names(option)]
        wrong += [words for word in words[1:] if word.startswith('--') and word.split('=')[0] not in options]
    assert wrong == []


def test_each_list_of_the_exit_statuses_says_that_what_was_done_stays_where_the_output_cannot_be_written():
    rows = [(name, line) for name in PAGES for line in doc_pages.source(name).splitlines()
            if line.startswith('| 1 | failed')]
    assert len(rows) >= 3
    assert [name for name, line in rows if 'output could not be written: what was done stays' not in line] == []
