"""SFTP to servers whose keys are known; as fsspec comes, it takes any server for the right one."""

import paramiko  # type: ignore[import-untyped,import-not-found,unused-ignore]
from fsspec.implementations.sftp import SFTPFileSystem


class KnownHosts(SFTPFileSystem):  # type: ignore[misc]
    """Connects only where the key is the one in `~/.ssh/known_hosts` of the worker's user."""

    def _connect(self) -> None:
        self.client = paramiko.SSHClient()
        self.client.load_system_host_keys()
        self.client.set_missing_host_key_policy(paramiko.RejectPolicy())
        self.client.connect(self.host, **self.ssh_kwargs)
        self.ftp = self.client.open_sftp()
