cluster:
  - name: analytics
    image: debian-12
    slaves: 3
