heat_template_version: 2021-04-16
resources:
  server:
    type: OS::Nova::Server
