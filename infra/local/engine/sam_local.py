"""Writes what `sam local` needs to share a running local run's tables, and lets its containers reach the engine."""

import json
import threading
from collections.abc import Mapping

from infra.local import place
from infra.local.engine import bridge, stack
from infra.local.engine.cloud import Cloud
from infra.local.engine.gateway import Gateway
from infra.local.place import Keys, Place, Ports


def settings(cloud: Cloud, host: str, jwks: str) -> dict[str, dict[str, str]]:
    """Return the functions' settings as deployed, with the engine under the name that containers know."""
    seen = cloud.endpoint.replace("127.0.0.1", host)
    replaced = {jwks: f"{seen}/{cloud.pool}/.well-known/jwks.json"}
    return {
        function: {
            name: replaced.get(value, value.replace(cloud.endpoint, seen)) if name not in _FOR_BROWSERS else value
            for name, value in values.items()
        }
        for function, values in cloud.settings.items()
    }


_FOR_BROWSERS = (
    "OIDC_AUTHORIZE_URL",
    "OIDC_LOGOUT_URL",
)  # these addresses are opened by a browser, not by the container


class SamLocal:
    """The files for `sam local`, and the route for its containers, which exists as soon as Docker runs."""

    def __init__(self, where: Place, ports: Ports, keys: Keys, cloud: Cloud, jwks: str) -> None:
        self._where, self._ports, self._keys, self._cloud, self._jwks = where, ports, keys, cloud, jwks
        self._gateway: Gateway | None = None
        self._host: str | None = None

    def start(self) -> None:
        """Write the files; open the route for containers if Docker is running."""
        lines = "".join(f"export {name}={value}\n" for name, value in self._aws().items())
        place.write_private(self._where.home / "aws.env", lines)
        self._write("127.0.0.1")
        self._follow()

    def attend(self, stop: threading.Event) -> None:
        """Wait for `stop`, and open the route for containers when Docker starts."""
        while not stop.wait(2):
            self._follow()

    def stop(self) -> None:
        """Close the route for containers."""
        if self._gateway is not None:
            self._gateway.stop()

    def _follow(self) -> None:
        host = None if self._host else bridge.host()
        if host is None:
            return
        way = bridge.way(host, self._ports.engine, self._keys.access_key_id)
        if way is not None:
            self._gateway = Gateway([way], self._ports.engine)
            self._gateway.start()
        self._host = host
        self._write(host)

    def _write(self, host: str) -> None:
        text = json.dumps(settings(self._cloud, host, self._jwks), indent=1)
        place.write_private(self._where.home / "sam-env.json", text)

    def _aws(self) -> Mapping[str, str]:
        return stack.environment(self._cloud.endpoint, self._keys)
