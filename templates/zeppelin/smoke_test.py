"""Logs in as `admin`, has the shell's interpreter compute a product in a notebook of its own, and removes the notebook."""

import http.cookiejar
import json
import urllib.parse
import urllib.request

URL = "http://127.0.0.1:${port.zeppelin}/api"
OPENER = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))


def ask(path, data=None, method=None):
    if isinstance(data, dict):
        data = json.dumps(data).encode()
    with OPENER.open(urllib.request.Request(URL + path, data, {"Content-Type": "application/json"}, method=method), timeout=240) as answer:
        return json.load(answer)


def main():
    with open("/var/lib/zeppelin/account") as file:
        account = urllib.parse.urlencode({"userName": "admin", "password": file.read().strip()}).encode()
    with OPENER.open(URL + "/login", account, timeout=60) as answer:
        answer.read()
    note = ask("/notebook", {"name": "disco-smoke-test", "paragraphs": [{"title": "product", "text": "%sh\necho $((6 * 7))"}]})["body"]
    try:
        paragraph = ask("/notebook/" + note)["body"]["paragraphs"][0]["id"]
        said = ask("/notebook/run/%s/%s" % (note, paragraph), {}, "POST")["body"]
        text = "".join(part["data"] for part in said["msg"]).strip()
    finally:
        ask("/notebook/" + note, method="DELETE")
    print("the paragraph says " + text)


if __name__ == "__main__":
    main()
