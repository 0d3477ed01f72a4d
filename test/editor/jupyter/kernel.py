"""Starts an ipykernel in a folder and runs what comes on standard input in it, a line of JSON each; ends with its input."""

import json
import sys

from jupyter_client.manager import KernelManager


def run(client, code, silent):
    wanted = client.execute(code, store_history=not silent)
    text = []
    ok = True
    while True:
        message = client.get_iopub_msg()
        if message["parent_header"].get("msg_id") != wanted:
            continue
        content = message["content"]
        if message["msg_type"] == "stream":
            text.append(content["text"])
        elif message["msg_type"] == "error":
            ok = False
            text.append("%s: %s" % (content["ename"], content["evalue"]))
        elif message["msg_type"] == "status" and content["execution_state"] == "idle":
            break
    while True:
        reply = client.get_shell_msg()
        if reply["parent_header"].get("msg_id") == wanted:
            return {"ok": ok, "text": "".join(text), "count": reply["content"]["execution_count"]}


def main():
    manager = KernelManager()
    manager.start_kernel(cwd=sys.argv[1])
    try:
        client = manager.client()
        client.start_channels()
        client.wait_for_ready()
        for line in sys.stdin:
            request = json.loads(line)
            answer = run(client, request["code"], request["silent"])
            print(json.dumps({"id": request["id"], **answer}), flush=True)
    finally:
        manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    main()
