"""Reads CSV (message_id,user_id,username,repost_id,reply_id,message,timestamp,urls) from standard input, computes who posts the same text
within argv[1] seconds with coordination-network-toolkit, and prints JSON: seconds of the processor that it took, and pairs [a, b, messages]."""
import contextlib, io, json, os, sqlite3, sys, tempfile

from coordination_network_toolkit.compute_networks import compute_co_tweet_network
from coordination_network_toolkit.preprocess import preprocess_csv_files

with tempfile.TemporaryDirectory() as d:
    posts, db = os.path.join(d, "posts.csv"), os.path.join(d, "posts.db")
    with open(posts, "w", encoding="utf-8") as f:
        f.write(sys.stdin.read())
    start = sum(os.times()[:4])
    with contextlib.redirect_stdout(io.StringIO()):
        preprocess_csv_files(db, [posts])
        compute_co_tweet_network(db, int(sys.argv[1]), n_threads=1)
    seconds = sum(os.times()[:4]) - start
    rows = sqlite3.connect(db).execute("select user_1, user_2, weight from co_tweet_network where user_1 < user_2").fetchall()
print(json.dumps({"seconds": seconds, "pairs": rows}))
