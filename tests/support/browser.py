"""A headless Chromium, spoken to over a pipe in the Chrome DevTools Protocol: no driver, no port."""
from __future__ import absolute_import, division, print_function

import json
import os
import select
import shutil
import subprocess
import tempfile
import time

from support.lacking import lacking

NAMES = ('chromium', 'chromium-browser', 'google-chrome')
SECONDS = 60


def find():
    """The path of a Chromium, or None."""
    for name in NAMES:
        for folder in os.environ['PATH'].split(':'):
            if os.access(os.path.join(folder, name), os.X_OK):
                return os.path.join(folder, name)
    return None


def start(width, fetched=None):
    """A Browser of that width. The test is skipped where no Chromium is installed, or a file is missing that a target
    of make fetches. fetched: (X of `make test-X`, its path)."""
    program = find()
    if program is None:
        lacking('chromium', 'no Chromium is installed')
    if fetched and not os.path.exists(fetched[1]):
        lacking(fetched[0], 'it is not fetched: make test-%s' % fetched[0])
    return Browser(program, width)


class Browser(object):
    """One tab. open(url), evaluate(script); complaints: what the console and the network had to say; close()."""

    def __init__(self, program, width=400, height=900):
        self.folder = tempfile.mkdtemp()
        self.complaints, self.asked = [], []
        self._last, self._session, self._rest = 0, None, b''
        to_it, self._write = os.pipe()
        self._read, from_it = os.pipe()
        argv = [program, '--headless', '--remote-debugging-pipe', '--no-sandbox', '--disable-gpu',
                '--disable-dev-shm-usage', '--no-first-run', '--user-data-dir=' + self.folder, 'about:blank']

        def hand_over():
            # The protocol's file descriptors are 3 and 4. First out of the way of each other.
            os.dup2(to_it, 13)
            os.dup2(from_it, 14)
            os.dup2(13, 3)
            os.dup2(14, 4)

        with open(os.devnull, 'w') as nothing:
            self.process = subprocess.Popen(argv, stdout=nothing, stderr=nothing, preexec_fn=hand_over, close_fds=False)
        os.close(to_it)
        os.close(from_it)
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self._session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Log', 'Network'):
            self.call(domain + '.enable')
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=True)

    def call(self, method, **params):
        """The result of a method; what is told meanwhile is noted."""
        self._last += 1
        message = {'id': self._last, 'method': method, 'params': params}
        if self._session:
            message['sessionId'] = self._session
        os.write(self._write, json.dumps(message).encode('ascii') + b'\0')
        while True:
            answer = self._next()
            if answer.get('id') == self._last:
                assert 'error' not in answer, (method, answer)
                return answer['result']

    def _next(self):
        """The next message, looked at."""
        deadline = time.time() + SECONDS
        while b'\0' not in self._rest:
            ready, _, _ = select.select([self._read], [], [], max(0, deadline - time.time()))
            assert ready, 'the browser says nothing'
            piece = os.read(self._read, 65536)
            assert piece, 'the browser ended'
            self._rest += piece
        text, _, self._rest = self._rest.partition(b'\0')
        message = json.loads(text.decode('utf-8'))
        self._note(message.get('method'), message.get('params', {}))
        return message

    def _note(self, method, params):
        if method == 'Runtime.exceptionThrown':
            self.complaints.append(params['exceptionDetails'].get('exception', {}).get(
                'description', params['exceptionDetails']['text']))
        elif method == 'Runtime.consoleAPICalled' and params['type'] in ('error', 'warning', 'assert'):
            self.complaints.append(' '.join(str(item.get('value')) for item in params['args']))
        elif method == 'Log.entryAdded' and params['entry']['level'] in ('error', 'warning'):
            self.complaints.append('%s %s' % (params['entry']['text'], params['entry'].get('url', '')))
        elif method == 'Network.requestWillBeSent':
            self.asked.append(params['request']['url'])

    def open(self, url):
        """Opens a page and waits until it is loaded, with its scripts."""
        self.call('Page.navigate', url=url)
        while self._next().get('method') != 'Page.loadEventFired':
            pass

    def evaluate(self, script):
        """The value of an expression of JavaScript; a promise is waited for."""
        result = self.call('Runtime.evaluate', expression=script, returnByValue=True, awaitPromise=True)
        assert 'exceptionDetails' not in result, (script, result)
        return result['result'].get('value')

    def close(self):
        """Ends the browser, by its PID."""
        self.process.terminate()
        self.process.wait()
        os.close(self._write)
        os.close(self._read)
        shutil.rmtree(self.folder, ignore_errors=True)
