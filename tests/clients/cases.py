"""The cases, and what each client makes of them: one call to PutEvents, its own retries as they are by default.

What the SDKs have in common:

* Three attempts, the first one included; five in the legacy mode of boto3, which is still the default of the AWS CLI 1.
  Rusoto never tries again.
* They repeat whole requests, and only those that failed as a whole. Nobody sends failed entries of a 200 again.
* They go by the status (500, 502, 503, 504), by the code in the body (throttling and time-outs), and by broken
  connections. Other refusals with a status of 400 are for good.
* All attempts of one call carry one `amz-sdk-invocation-id`, and `amz-sdk-request: attempt=2; max=3` numbers them. Rusoto
  sends neither.

Of a case, `faults` are those of its session, and the rest is expected: `attempts` and `published` events as the server
counts them, and what the caller `sees`, in the words of the SDK. A value is for all clients, or for each of them, with "*"
for those that are not named. Where a case says so, `holds` is what the server's ledger answers to an expectation about
what became of the events, and `connections` how many there were. Two entries are sent where `entries` says nothing else,
and all of them are good where `accepted` does not name those that are.
"""

# Each client and the family that it is installed with.
CLIENTS = {
    "boto3-standard": "boto3",
    "boto3-legacy": "boto3",
    "cli": "cli",
    "js": "js",
    "aws-sdk-eventbridge": "rust",
    "aws-sdk-cloudwatchevents": "rust",
    "rusoto": "rust",
}


def boto3(value):
    """Both modes of boto3."""
    return {"boto3-standard": value, "boto3-legacy": value}


def legacy(value):
    """The AWS CLI brings a botocore of its own, an older one, which is in legacy mode."""
    return {"boto3-legacy": value, "cli": value}


def rust(value):
    """Both crates of the AWS SDK for Rust: they share everything but the model."""
    return {"aws-sdk-eventbridge": value, "aws-sdk-cloudwatchevents": value}


# What each client calls `max` where it numbers its attempts.
MAX = {"*": 3, **legacy(5), "rusoto": None}

ALL_GOOD = "ok, 0 failed: id id"
RETRIED = {"*": 3, **legacy(5), "rusoto": 1}
# What fails once succeeds the second time, and the caller does not notice.
RETRIED_ONCE = {
    "attempts": {"*": 2, "rusoto": 1},
    "published": {"*": 2, "rusoto": 0},
    "holds": {"*": {"exactlyOnce": True}, "rusoto": {"noneLost": False}},
}
# The connection ends before an answer has come. The AWS CLI has no name for it, only a sentence.
BROKEN = {
    **boto3("ConnectionClosedError"),
    "cli": "exit status 255",
    "js": "TimeoutError",
    **rust("DispatchFailure, is_io()"),
    "rusoto": "HttpDispatch",
}

CASES = {
    "good": {
        "faults": [],
        "attempts": 1,
        "published": 2,
        "holds": {"*": {"exactlyOnce": True}},
        "sees": ALL_GOOD,
    },
    # The trap itself: it looks like a success, and no SDK does anything about the entry that failed.
    "partial": {
        "faults": [{"entry": "ThrottlingException", "atIndex": 1}],
        "accepted": [0],
        "attempts": 1,
        "published": 1,
        "holds": {"*": {"noneLost": False}},
        "sees": "ok, 1 failed: id ThrottlingException",
    },
    # EventBridge throttles with 400, and the SDKs know the code.
    "throttled-always": {
        "faults": [{"request": "ThrottlingException"}],
        "attempts": RETRIED,
        "connections": 1,
        "published": 0,
        "holds": {"*": {"noneLost": False}},
        "sees": {"*": "ThrottlingException", "rusoto": "Unknown 400"},
    },
    "throttled-once": {
        "faults": [{"request": "ThrottlingException", "times": 1}],
        **RETRIED_ONCE,
        "sees": {"*": ALL_GOOD, "rusoto": "Unknown 400"},
    },
    # The only error of the model, so that the SDKs for Rust have a type for it. The AWS SDK for Rust tries its luck on
    # another connection.
    "internal-always": {
        "faults": [{"request": "InternalException"}],
        "attempts": RETRIED,
        "connections": {"*": 1, **rust(3)},
        "published": 0,
        "sees": {"*": "InternalException", **rust("is_internal_exception()"), "rusoto": "PutEventsError::Internal"},
    },
    "internal-once": {
        "faults": [{"request": "InternalException", "times": 1}],
        **RETRIED_ONCE,
        "sees": {"*": ALL_GOOD, "rusoto": "PutEventsError::Internal"},
    },
    # Tried again for its status; the code means nothing to the SDKs.
    "unavailable": {
        "faults": [{"request": "ServiceUnavailable"}],
        "attempts": RETRIED,
        "published": 0,
        "sees": {"*": "ServiceUnavailable", "rusoto": "Unknown 503"},
    },
    # What stands in front of the service answers in HTML: the caller in JavaScript sees that it is no JSON.
    "bad-gateway": {
        "faults": [{"request": {"status": 502, "contentType": "text/html", "body": "<html>Bad Gateway</html>"}}],
        "attempts": RETRIED,
        "published": 0,
        "sees": {"*": "502", "js": "SyntaxError", **rust("ServiceError without a code"), "rusoto": "Unknown 502"},
    },
    # Codes that the legacy mode does not know.
    "limit-exceeded": {
        "faults": [{"request": {"status": 400, "code": "LimitExceededException", "message": "Slow down"}}],
        "attempts": {"*": 3, **legacy(1), "rusoto": 1},
        "published": 0,
        "sees": {"*": "LimitExceededException", "rusoto": "Unknown 400"},
    },
    "request-timeout": {
        "faults": [{"request": {"status": 400, "code": "RequestTimeout", "message": "Too slow"}}],
        "attempts": {"*": 3, **legacy(1), "rusoto": 1},
        "published": 0,
        "sees": {"*": "RequestTimeout", "rusoto": "Unknown 400"},
    },
    # A status that only the legacy mode knows.
    "bandwidth-exceeded": {
        "faults": [{"request": {"status": 509}}],
        "attempts": {"*": 1, **legacy(5)},
        "published": 0,
        "sees": {"*": "509", "js": "Unknown", **rust("ServiceError without a code"), "rusoto": "Unknown 509"},
    },
    # Other services throttle so. The SDK for Rust goes by the code, and there is none.
    "too-many-requests": {
        "faults": [{"request": {"status": 429}}],
        "attempts": {**RETRIED, **rust(1)},
        "published": 0,
        "sees": {"*": "429", "js": "Unknown", **rust("ServiceError without a code"), "rusoto": "Unknown 429"},
    },
    # The code where other protocols have it: botocore reads only the body.
    "code-in-header": {
        "faults": [{"request": {"status": 400, "headers": {"x-amzn-ErrorType": "ThrottlingException"}}}],
        "attempts": {"*": 1, "js": 3, **rust(3)},
        "published": 0,
        "sees": {"*": "400", "js": "ThrottlingException", **rust("ThrottlingException"), "rusoto": "Unknown 400"},
    },
    "payload-too-large": {
        "faults": [{"request": {"status": 413}}],
        "attempts": 1,
        "published": 0,
        "sees": {"*": "413", "js": "Unknown", **rust("ServiceError without a code"), "rusoto": "Unknown 413"},
    },
    # Whether a request whose connection broke has done its work, nobody knows. The SDKs send it again.
    "reset-always": {
        "faults": [{"reset": True}],
        "attempts": RETRIED,
        "published": 0,
        "sees": BROKEN,
    },
    "reset-once": {
        "faults": [{"reset": True, "times": 1}],
        **RETRIED_ONCE,
        "sees": {"*": ALL_GOOD, "rusoto": "HttpDispatch"},
    },
    "closed-always": {
        "faults": [{"emptyResponse": True}],
        "attempts": RETRIED,
        "published": 0,
        "sees": {**BROKEN, **rust("DispatchFailure")},
    },
    "closed-once": {
        "faults": [{"emptyResponse": True, "times": 1}],
        **RETRIED_ONCE,
        "sees": {"*": ALL_GOOD, "rusoto": "HttpDispatch"},
    },
    # It had done its work: each event is published twice, and the caller sees one success.
    "lost-reply": {
        "faults": [{"lostReply": True, "times": 1}],
        "attempts": {"*": 2, "rusoto": 1},
        "published": {"*": 4, "rusoto": 2},
        "holds": {"*": {"atLeastOnce": True, "exactlyOnce": False, "noDuplicates": False}, "rusoto": {"exactlyOnce": True}},
        "sees": {"*": ALL_GOOD, "rusoto": "HttpDispatch"},
    },
    # Rusoto would wait for ever; its caller gives up.
    "stall": {
        "faults": [{"stall": True}],
        "readTimeoutMs": 1000,
        "attempts": RETRIED,
        "published": 0,
        "sees": {
            **boto3("ReadTimeoutError"),
            "cli": "exit status 255",
            "js": "TimeoutError",
            **rust("DispatchFailure, is_timeout()"),
            "rusoto": "given up",
        },
    },
    # A success that does not arrive whole: the botocore of today does not care for the length, cannot read the rest as
    # JSON, and takes that for an empty success. For the others it is a broken connection.
    "truncated-body": {
        "faults": [{"truncatedBody": 10}],
        "attempts": {"*": 3, **boto3(1), "cli": 5, "rusoto": 1},
        "published": {"*": 6, **boto3(2), "cli": 10, "rusoto": 2},
        "sees": {
            **boto3("ok, no count: nothing"),
            "cli": "exit status 255",
            "js": "ECONNRESET",
            **rust("ResponseError"),
            "rusoto": "HttpDispatch",
        },
    },
    # For botocore that is a broken connection too, for the others an answer, if a strange one.
    "garbage": {
        "faults": [{"garbage": True}],
        "attempts": {"*": 1, "boto3-standard": 3, **legacy(5)},
        "published": 0,
        "sees": {
            **boto3("ConnectionClosedError"),
            "cli": "exit status 255",
            "js": "HPE_INVALID_CONSTANT",
            **rust("DispatchFailure"),
            "rusoto": "HttpDispatch",
        },
    },
    # Accepted, and a success without results.
    "empty-body": {
        "faults": [{"malformedReply": "emptyBody"}],
        "attempts": 1,
        "published": 2,
        "sees": {"*": "ok, no count: nothing", **rust("ok, 0 failed: nothing"), "rusoto": "ok, 0 failed: nothing"},
    },
    # Accepted, and for botocore again a success.
    "broken-json": {
        "faults": [{"malformedReply": "brokenJson"}],
        "attempts": 1,
        "published": 2,
        "sees": {
            "*": "ok, no count: nothing",
            "js": "SyntaxError",
            **rust("ServiceError without a code"),
            "rusoto": "ParseError",
        },
    },
    # Refused for good.
    "access-denied": {
        "faults": [{"request": "AccessDeniedException"}],
        "attempts": 1,
        "published": 0,
        "sees": {"*": "AccessDeniedException", "rusoto": "Unknown 400"},
    },
    "expired-token": {
        "faults": [{"request": "ExpiredTokenException"}],
        "attempts": 1,
        "published": 0,
        "sees": {"*": "ExpiredTokenException", "rusoto": "Unknown 400"},
    },
    # The SDK for JavaScript blames its clock, sets it by the answer, and tries again.
    "late-signature": {
        "faults": [
            {
                "request": {
                    "status": 400,
                    "code": "InvalidSignatureException",
                    "message": "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z "
                    "(20260101T001500Z - 5 min.)",
                }
            }
        ],
        "attempts": {"*": 1, "js": 3},
        "published": 0,
        "sees": {"*": "InvalidSignatureException", "rusoto": "Unknown 400"},
    },
    # No SDK counts the entries before it sends them. The server refuses them by itself, and notes the problem.
    "eleven-entries": {
        "faults": [],
        "entries": 11,
        "problem": "Invalid",
        "attempts": 1,
        "published": 0,
        "sees": {"*": "ValidationException", "rusoto": "Validation"},
    },
}
