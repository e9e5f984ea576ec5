"""A docker engine of the test's own whose containers are processes in network namespaces of their own: as much of it as
netnsctl asks for, and started in no time."""
from __future__ import absolute_import, division, print_function

import json
import os
import subprocess
import time

from support.engine import Engine, http


class OwnDocker(object):
    """environ: what makes netnsctl ask it. run(name) and restart(name) start a container; ids, pids: {name: of it}."""

    def __init__(self, socket):
        self.ids, self.pids, self._shims = {}, {}, {}
        self._engine = Engine(socket, self._reply)
        self.environ = self._engine.environ

    def run(self, name):
        """Starts a container: its name."""
        self.ids[name] = ('%02x' % (0xa0 + len(self.ids))) * 32
        self.restart(name)
        return name

    def restart(self, name):
        """Starts a container anew, in a namespace of its own; stop() it first if it runs."""
        self.stop(name)
        # As containerd-shim: the parent is root's, and has the container's ID among its words.
        shim = subprocess.Popen(['sh', '-c', 'unshare -n sleep 1000000 & echo $!; wait', self.ids[name]],
                                stdout=subprocess.PIPE, close_fds=True)
        self._shims[name] = shim
        self.pids[name] = int(shim.stdout.readline())
        for _ in range(1000):
            with open('/proc/%d/cmdline' % self.pids[name]) as stream:
                if stream.read().startswith('sleep'):
                    return
            time.sleep(0.01)
        raise AssertionError('the container %s did not start' % name)

    def stop(self, name):
        """Ends the process of a container; its name stays."""
        if name in self._shims:
            os.kill(self.pids.pop(name), 9)
            shim = self._shims.pop(name)
            shim.stdout.close()
            shim.wait()

    def rename(self, old, new):
        for known in (self.ids, self.pids, self._shims):
            if old in known:
                known[new] = known.pop(old)

    def close(self):
        for name in list(self._shims):
            self.stop(name)
        self._engine.close()

    def _reply(self, request):
        path = request.split(b' ')[1].decode('ascii')
        if path == '/containers/json':
            return http('200 OK', json.dumps([{'Id': self.ids[name], 'Names': ['/' + name]} for name in self.pids]))
        asked = path.split('/')[2] if path.count('/') == 3 else None
        for name, identity in self.ids.items():
            if asked and (asked == name or identity.startswith(asked)):
                return http('200 OK', json.dumps({'Id': identity, 'Name': '/' + name, 'State': {
                    'Running': name in self.pids, 'Pid': self.pids.get(name, 0)}}))
        return http('404 Not Found', json.dumps({'message': 'No such container: %s' % asked}))
