from community.benching.pages import Budget, Page

PAGES = [
    Page("home", "home", lambda: "/", guest=Budget(5, 6), kept=Budget(1.2), member=Budget(9, 10)),
]
