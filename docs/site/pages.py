"""A hook of MkDocs: pages that are made from files elsewhere, so that each text has one source.

index.md is README.md; security.md, contributing.md, changes.md and licence.md are files of the top folder, and
ansible.md is ansible/README.md;
commands/*.md are docs/man, through mandoc.
"""
import os
import posixpath
import re
import subprocess

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MAN = os.path.join(TOP, 'docs', 'man')
# Pages of the site that are made of files outside docs/.
MOVED = {'README.md': 'index.md', 'SECURITY.md': 'security.md', 'CHANGELOG.md': 'changes.md', 'LICENSE': 'licence.md',
         'CONTRIBUTING.md': 'contributing.md', 'ansible/README.md': 'ansible.md'}
LINK = re.compile(r'\]\(([^)\s#]+)((?:#[^)\s]*)?)\)')


def read(*path):
    with open(os.path.join(TOP, *path), encoding='utf-8') as opened:
        return opened.read()


def manual_pages():
    """Names such as 'netnsctl-wire.8': the program's own first."""
    return sorted(os.listdir(MAN), key=lambda name: (name != 'netnsctl.8', not name.endswith('.8'), name))


def page_of(name):
    return 'commands/%s.md' % name.rpartition('.')[0]


def title_of(name):
    """'netnsctl wire' of netnsctl-wire.8, which is a command; 'ifcfg-netns(5)' of what is none."""
    word, _, section = name.rpartition('.')
    return word.replace('-', ' ', 1) if section == '8' else '%s(%s)' % (word, section)


def summary_of(name):
    """What the section NAME says of a page."""
    return re.search(r'(?m)^\.SH NAME\n.* \\- (.*)$', read('docs', 'man', name)).group(1).replace('\\-', '-')


def on_config(config):
    """Puts the manual pages into the navigation."""
    for item in config.nav:
        if 'Commands' in item:
            item['Commands'] += [{title_of(name): page_of(name)} for name in manual_pages()]
    return config


def on_files(files, config):
    made = dict((MOVED[name], read(name)) for name in MOVED if name != 'LICENSE')
    made = dict((page, moved_links(text, '')) for page, text in made.items())
    made['licence.md'] = '# Licence\n\n```text\n%s```\n' % read('LICENSE')
    made['commands/index.md'] = index_of_commands()
    for name in manual_pages():
        made[page_of(name)] = as_markdown(name)
    for page, text in made.items():
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown, page, **_):
    """Links to the sources of generated pages become links to these."""
    if page.file.generated_by is not None:
        return markdown
    return moved_links(markdown, posixpath.join('docs', posixpath.dirname(page.file.src_uri)))


def moved_links(text, folder):
    """The text with the links that a page in that folder of the repository has, as one in the same place of docs."""
    below_docs = posixpath.relpath(folder or 'docs', 'docs')

    def moved(link):
        path, anchor = link.groups()
        if '://' in path:
            return link.group(0)
        target = posixpath.normpath(posixpath.join(folder, path))
        if target.startswith('docs/man/'):
            target = page_of(posixpath.basename(target))
        elif target.startswith('docs/'):
            target = target[len('docs/'):]
        else:
            target = MOVED.get(target, target)
        return '](%s%s)' % (posixpath.relpath(target, below_docs), anchor)
    return LINK.sub(moved, text)


def index_of_commands():
    rows = ['| [`%s`](%s) | %s |' % (title_of(name), os.path.basename(page_of(name)), summary_of(name))
            for name in manual_pages()]
    return ('# Commands\n\nThese pages are the manual pages: `man netnsctl-wire`, for example, shows the same.\n\n'
            '| page | |\n|---|---|\n%s\n' % '\n'.join(rows))


def as_markdown(name):
    """A manual page: its headings as Markdown, for the table of contents, and all between them as HTML."""
    try:
        html = subprocess.run(['mandoc', '-Thtml', '-Ofragment', os.path.join(MAN, name)], check=True,
                              stdout=subprocess.PIPE, encoding='utf-8').stdout
    except OSError as error:
        raise PluginError('make the page of %s: run mandoc: %s' % (name, error.strerror))
    html = re.sub(r'(?s)<table class="(?:head|foot)">.*?</table>', '', html)
    html = re.sub(r'</?section[^>]*>|<div class="manual-text">', '', html)
    html = re.sub(r'</div>\s*$', '', html)
    html = re.sub(r'<a class="permalink" href="[^"]*">((?s:.*?))</a>', r'\1', html)
    html = re.sub(r'<b>([a-z-]+)</b>\((\d)\)', cross_reference, html)
    text = ['# %s\n' % title_of(name)]
    # What is before the first heading is nothing.
    for level, ident, title, body in re.findall(r'(?s)<h([12])[^>]* id="([^"]*)">(.*?)</h[12]>(.*?)(?=<h[12]|$)', html):
        text.append('%s %s { #%s }\n' % ('#' * (int(level) + 1), ' '.join(title.split()).capitalize(), ident))
        text.append('<div class="man">%s</div>\n' % body.strip())
    return '\n'.join(text)


def cross_reference(found):
    name = '%s.%s' % found.groups()
    return '<a href="%s.html">%s</a>' % (found.group(1), found.group(0)) if name in os.listdir(MAN) else found.group(0)
