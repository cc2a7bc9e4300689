from community.benching.pages import Page
from community.benching.topics import Topic

from . import bench_drafting, bench_matching, bench_suggesting

PAGES: list[Page] = []
TOPICS = [
    Topic(
        "matching",
        "mentors and newcomers",
        (bench_matching.usual, bench_matching.large, bench_matching.many_small),
        stored=(bench_suggesting.suggested, bench_drafting.drafted),
    ),
]
