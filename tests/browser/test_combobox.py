"""The search box as a combobox: the 18 acceptance criteria of GOV.UK's accessible autocomplete, in their order.

https://github.com/alphagov/accessible-autocomplete/blob/main/accessibility-criteria.md
"""

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import watching


def opened(page: Page, library: str, typed: str = "harb") -> Locator:
    """The box, with suggestions for `typed`."""
    page.goto(library)
    box = page.get_by_role("combobox", name="Search the articles")
    box.fill(typed)  # at once, so that there is one answer
    expect(page.get_by_role("listbox", name="Suggestions")).to_be_visible()
    return box


def announces(page: Page, text: str) -> None:
    expect(page.get_by_role("status")).to_contain_text(text)


def highlighted(page: Page) -> Locator:
    return page.get_by_role("option", selected=True)


def test_01_it_is_reached_with_the_keyboard(scripted: Page, library: str) -> None:
    scripted.goto(library)
    for _ in range(3):  # past the link to the content and the name of the site
        scripted.keyboard.press("Tab")
    expect(scripted.get_by_role("combobox")).to_be_focused()


def test_02_it_shows_that_it_has_the_focus(scripted: Page, library: str) -> None:
    scripted.goto(library)
    scripted.get_by_role("combobox").focus()
    expect(scripted.get_by_role("combobox")).to_have_css("outline-style", "solid")


def test_03_it_tells_that_it_can_be_edited(scripted: Page, library: str) -> None:
    scripted.goto(library)
    box = scripted.get_by_role("combobox", name="Search the articles")
    expect(box).to_be_editable()
    assert box.evaluate("box => box.tagName") == "INPUT"


def test_04_it_tells_what_it_holds_already(scripted: Page, library: str) -> None:
    scripted.goto(f"{library}/search?q=coal")
    expect(scripted.get_by_role("combobox")).to_have_value("coal")
    expect(scripted.get_by_role("combobox")).to_have_attribute("aria-expanded", "false")


def test_05_it_tells_that_there_are_suggestions(scripted: Page, library: str) -> None:
    scripted.goto(library)
    expect(scripted.get_by_role("combobox")).to_have_attribute("aria-autocomplete", "list")
    expect(scripted.get_by_role("combobox")).to_have_attribute("aria-haspopup", "listbox")


def test_06_it_explains_how_to_use_them(scripted: Page, library: str) -> None:
    scripted.goto(library)
    expect(scripted.get_by_role("combobox")).to_have_accessible_description(
        "When suggestions are shown, use the up and down arrows to review them and Enter to choose one."
    )


def test_07_it_tells_that_it_has_opened(scripted: Page, library: str) -> None:
    box = opened(scripted, library)
    expect(box).to_have_attribute("aria-expanded", "true")
    controlled = box.get_attribute("aria-controls")
    assert scripted.get_by_role("listbox").get_attribute("id") == controlled
    scripted.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(scripted.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_value("harb")


def test_08_it_tells_whether_there_are_any(scripted: Page, library: str) -> None:
    box = opened(scripted, library)
    announces(scripted, "available")
    box.fill("zzzzzz")
    announces(scripted, "No suggestions")
    expect(scripted.get_by_role("listbox")).to_be_hidden()


def test_09_it_tells_how_many_there_are(scripted: Page, library: str) -> None:
    opened(scripted, library)
    number = scripted.get_by_role("option").count()
    assert number > 1
    announces(scripted, f"{number} suggestions available")


def test_10_it_tells_when_their_number_changes(scripted: Page, library: str) -> None:
    box = opened(scripted, library, "co")
    announces(scripted, "6 suggestions available")
    box.fill("coal")
    announces(scripted, "2 suggestions available")


def test_11_arrows_go_through_them_and_none_is_a_trap(scripted: Page, library: str) -> None:
    box = opened(scripted, library)
    number = scripted.get_by_role("option").count()
    for place in range(number):
        scripted.keyboard.press("ArrowDown")
        expect(scripted.get_by_role("option").nth(place)).to_have_attribute("aria-selected", "true")
    scripted.keyboard.press("ArrowDown")
    expect(highlighted(scripted)).to_have_count(0)
    scripted.keyboard.press("ArrowUp")
    expect(scripted.get_by_role("option").last).to_have_attribute("aria-selected", "true")
    expect(box).to_be_focused()
    scripted.keyboard.press("Tab")
    expect(scripted.get_by_role("button", name="Search")).to_be_focused()
    expect(scripted.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_value("harb")


def test_11_arrows_open_what_escape_has_closed(scripted: Page, library: str) -> None:
    opened(scripted, library)
    scripted.keyboard.press("Escape")
    scripted.keyboard.press("ArrowDown")
    expect(scripted.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    scripted.keyboard.press("Alt+ArrowUp")
    expect(scripted.get_by_role("listbox")).to_be_hidden()
    scripted.keyboard.press("Alt+ArrowDown")
    expect(scripted.get_by_role("listbox")).to_be_visible()
    expect(highlighted(scripted)).to_have_count(0)


def test_12_one_tap_or_click_is_enough(browser: Browser, library: str) -> None:
    phone = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    with watching(phone) as page:
        opened(page, library)
        assert all(
            item.bounding_box()["height"] >= 24  # type: ignore[index]  # WCAG 2.2, 2.5.8
            for item in page.get_by_role("option").all()
        )
        page.get_by_role("option").first.tap()
        expect(page.locator("#summary")).to_contain_text("30 articles")
    phone.close()


def test_12_click_chooses(scripted: Page, library: str) -> None:
    opened(scripted, library)
    scripted.get_by_role("option").first.click()
    expect(scripted).to_have_url(f"{library}/search?q=harbour")


def test_13_it_tells_which_one_is_highlighted(scripted: Page, library: str) -> None:
    box = opened(scripted, library)
    scripted.keyboard.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") == highlighted(scripted).get_attribute("id")
    scripted.keyboard.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") is None


def test_14_it_tells_the_number_of_the_highlighted_one(scripted: Page, library: str) -> None:
    opened(scripted, library)
    number = scripted.get_by_role("option").count()
    for _ in range(2):
        scripted.keyboard.press("ArrowDown")
    announces(scripted, f"2 of {number}, highlighted")


def test_15_none_is_highlighted_by_itself(scripted: Page, library: str) -> None:
    box = opened(scripted, library)
    expect(highlighted(scripted)).to_have_count(0)
    assert box.get_attribute("aria-activedescendant") is None
    scripted.keyboard.press("Enter")
    expect(scripted).to_have_url(f"{library}/search?q=harb")


def test_16_enter_chooses_the_highlighted_one(scripted: Page, library: str) -> None:
    opened(scripted, library)
    scripted.keyboard.press("ArrowDown")
    scripted.keyboard.press("Enter")
    expect(scripted).to_have_url(f"{library}/search?q=harbour")
    expect(scripted.locator("#summary")).to_contain_text("30 articles")


def test_16_article_is_opened_with_its_matches(scripted: Page, library: str) -> None:
    opened(scripted, library)
    scripted.keyboard.press("ArrowUp")
    scripted.keyboard.press("Enter")
    expect(scripted.get_by_role("heading", level=1)).to_contain_text("Harbour report")


def test_17_it_tells_what_was_chosen(scripted: Page, library: str) -> None:
    opened(scripted, library)
    scripted.keyboard.press("ArrowDown")
    scripted.keyboard.press("Enter")
    announces(scripted, "harbour chosen")


def test_18_the_box_has_the_focus_after_a_choice(scripted: Page, library: str) -> None:
    box = opened(scripted, library)
    scripted.get_by_role("option").first.click()
    expect(box).to_be_focused()
    expect(box).to_have_value("harbour")
    expect(scripted.get_by_role("listbox")).to_be_hidden()


def test_failing_suggestions_leave_a_plain_field(scripted: Page, library: str) -> None:
    scripted.route("**/api/v1/suggest*", lambda route: route.fulfill(status=200, body="not JSON"))
    scripted.goto(library)
    scripted.get_by_role("combobox").press_sequentially("harbour")
    expect(scripted.locator("#summary")).to_contain_text("30 articles")
    expect(scripted.get_by_role("listbox")).to_be_hidden()
