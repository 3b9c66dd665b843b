"""moto mocks the other services in the same test."""

import boto3
import pytest
import shop
from moto import mock_aws
from test_publisher_check import ORDERS, reported

import putevents_mock


def publish_and_queue(orders):
    """A right publisher that also uses another service."""
    queue = boto3.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    shop.publish(orders)
    boto3.client("sqs").send_message(QueueUrl=queue, MessageBody=str(orders))


@pytest.fixture
def other_services():
    with mock_aws():
        yield


@mock_aws
def test_a_decorated_test_publishes_to_the_session(eventbridge):
    publish_and_queue([1, 2])
    eventbridge.assert_meets(publishedCount=2)


def test_a_test_with_a_block_publishes_to_the_session(eventbridge):
    with mock_aws():
        publish_and_queue([1, 2])
    eventbridge.assert_meets(publishedCount=2)


def test_a_fixture_of_moto_before_leaves_the_requests_to_the_session(other_services, eventbridge):
    publish_and_queue([1, 2])
    eventbridge.assert_meets(publishedCount=2)


def test_a_fixture_of_moto_after_leaves_the_requests_to_the_session(eventbridge, other_services):
    publish_and_queue([1, 2])
    eventbridge.assert_meets(publishedCount=2)


def test_moto_has_its_credentials_again_afterwards():
    with putevents_mock.start(patch_environ=True) as eventbridge, mock_aws():
        publish_and_queue([1])
        eventbridge.assert_meets(publishedCount=1)
    with mock_aws():
        assert boto3.Session().get_credentials().access_key == "FOOBARKEY"


@mock_aws
def test_a_right_publisher_that_uses_another_service_is_not_accused():
    def publish(orders):
        boto3.client("sqs").create_queue(QueueName="orders")
        return reported(orders)

    report = putevents_mock.publisher_check(publish, ORDERS, identifyBy="/orderId", runs=4)
    assert report.startswith("the publisher keeps all rules in 4 schedules\n"), report
