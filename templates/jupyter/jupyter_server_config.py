# Jupyter's keys as they stand in keys.yaml: `ServerApp.port` is c.ServerApp.port. A text is read as on the command line.
import yaml
from traitlets.config.loader import DeferredConfigString

with open("/etc/jupyter/keys.yaml") as file:
    for key, value in (yaml.safe_load(file) or {}).items():
        section, name = key.split(".", 1)
        setattr(c[section], name, DeferredConfigString(value) if isinstance(value, str) else value)
