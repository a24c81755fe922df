# our cluster
{
  "cluster": {
    "analytics": { "image": "debian-12" }
  }
}
