"""What a curator does at /validate, with scripts switched off."""

from __future__ import annotations

from pathlib import Path

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.journeys import SECONDS, follow, one
from tests.web import made

RECORD = made.repository("Repository/Dropped")
BROKEN = RECORD.replace("GeneralContact", "Generalcontact ")
LINE = BROKEN[: BROKEN.index("Generalcontact")].count("\n") + 1


def drop(driver: WebDriver, selector: str, path: Path) -> None:
    """Lets a file fall on an element, as a hand with a mouse does."""
    place = one(driver, selector).rect
    at = {"x": place["x"] + place["width"] * 0.7, "y": place["y"] + place["height"] / 2}
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for step in ("dragEnter", "dragOver", "drop"):
        driver.execute_cdp_cmd("Input.dispatchDragEvent", {"type": step, "data": data, **at})


def verdict(driver: WebDriver) -> str:
    return one(driver, ".verdict h2 .badge").text


def downloaded(driver: WebDriver, folder: Path, button: str) -> Path:
    """The file that a button of the page gives."""
    driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)}
    )
    driver.find_element(By.XPATH, f"//button[.='{button}']").click()

    def complete(_: WebDriver) -> Path | None:
        found = [path for path in folder.iterdir() if path.suffix in (".xml", ".diff")]
        return found[0] if found else None

    return WebDriverWait(driver, SECONDS).until(complete)


def test_drop_a_broken_record_mend_it_and_find_it_valid(
    plain: WebDriver, address: str, tmp_path: Path
) -> None:
    dropped = tmp_path / "broken.xml"
    dropped.write_text(BROKEN, "utf-8")
    plain.get(f"{address}/validate")
    drop(plain, "#file", dropped)
    follow(plain, one(plain, "#file ~ button"))
    assert verdict(plain) == "invalid"
    one(plain, ".jumps .severity-error a").click()
    assert plain.current_url.endswith(f"#L{LINE}")
    line = one(plain, f"#L{LINE}")
    assert line.find_element(By.TAG_NAME, "mark").text.startswith("<Role>Generalcontact")
    assert "GeneralContact" in line.find_element(By.CSS_SELECTOR, ".finding").text

    follow(plain, plain.find_element(By.XPATH, "//button[.='Mend what is certain']"))
    assert [b.text for b in plain.find_elements(By.CSS_SELECTOR, ".before-after .badge")] == [
        "invalid",
        "valid",
    ]
    (tmp_path / "result").mkdir()
    mended = downloaded(plain, tmp_path / "result", "Download the result")
    assert mended.name == "broken-mended.xml"
    assert mended.read_text("utf-8") == RECORD
    (tmp_path / "diff").mkdir()
    difference = downloaded(plain, tmp_path / "diff", "Download the difference")
    assert "+        <Role>GeneralContact</Role>\n" in difference.read_text("utf-8")

    plain.get(f"{address}/validate")
    drop(plain, "#file", mended)
    follow(plain, one(plain, "#file ~ button"))
    assert verdict(plain) == "valid"
    assert not plain.find_elements(By.CSS_SELECTOR, ".severity-error")


def test_the_form_is_used_with_the_keyboard_alone(plain: WebDriver, address: str) -> None:
    plain.get(f"{address}/validate")
    one(plain, "#record").send_keys("spase://PARHELION/Person/SPDF", Keys.ENTER)
    WebDriverWait(plain, SECONDS).until(lambda driver: driver.find_elements(By.ID, "source"))
    assert verdict(plain) == "valid"

    plain.get(f"{address}/validate")
    one(plain, "#text").send_keys("no XML at all", Keys.TAB)
    button = plain.switch_to.active_element
    assert button.text == "Validate the text"
    before = one(plain, "html")
    button.send_keys(Keys.ENTER)
    WebDriverWait(plain, SECONDS).until(lambda driver: one(driver, "html") != before)
    assert verdict(plain) == "not well-formed"
    assert (one(plain, "#text").get_attribute("value") or "").strip() == "no XML at all"
