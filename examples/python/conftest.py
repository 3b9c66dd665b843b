# conftest.py
import json, os, shutil, subprocess, urllib.error, urllib.request, uuid
import boto3, pytest

@pytest.fixture(scope="session")
def mock_url():
    if url := os.environ.get("PUTEVENTS_MOCK_URL"):
        yield url
        return
    if not shutil.which("putevents-mock"):
        pytest.exit("putevents-mock is not in the PATH: install it with `cargo install putevents-mock --features cli`", 2)
    serve = ["putevents-mock", "serve", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server:
        yield server.stdout.readline().split()[-1]
        server.terminate()

class EventBridge:
    def __init__(self, url):
        self.url, self.name = url, f"test-{uuid.uuid4()}"

    def client(self):
        return boto3.client("events", endpoint_url=self.url, region_name="us-east-1",
                            aws_access_key_id=self.name, aws_secret_access_key="test")

    def call(self, method, path="", body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_mock/sessions/{self.name}{path}", data, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer) if answer.status != 204 else None
        except urllib.error.HTTPError as error:
            told = json.load(error)
        pytest.fail(told.get("report") or told["message"], pytrace=False)

    def goes_wrong(self, *faults):
        self.call("POST", "/faults", faults)

    def expect(self, *expectations):
        self.call("POST", "/assertions", expectations)

@pytest.fixture
def eventbridge(mock_url):
    session = EventBridge(mock_url)
    session.call("PUT")
    yield session
    session.call("DELETE")
