/**
 * Superclasses of the Android classes that apps extend or hold, as far as members that rules name are
 * inherited through them (developer.android.com/reference, "extends"). A class that is neither here nor
 * in the app has unknown ancestors.
 */
export const platformSuperclasses: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "Landroid/content/ContextWrapper;": "Landroid/content/Context;",
    "Landroid/content/MutableContextWrapper;": "Landroid/content/ContextWrapper;",
    "Landroid/view/ContextThemeWrapper;": "Landroid/content/ContextWrapper;",
    "Landroid/app/Application;": "Landroid/content/ContextWrapper;",
    "Landroid/app/Activity;": "Landroid/view/ContextThemeWrapper;",
    "Landroid/app/ActivityGroup;": "Landroid/app/Activity;",
    "Landroid/app/AliasActivity;": "Landroid/app/Activity;",
    "Landroid/app/ExpandableListActivity;": "Landroid/app/Activity;",
    "Landroid/app/LauncherActivity;": "Landroid/app/ListActivity;",
    "Landroid/app/ListActivity;": "Landroid/app/Activity;",
    "Landroid/app/NativeActivity;": "Landroid/app/Activity;",
    "Landroid/app/TabActivity;": "Landroid/app/ActivityGroup;",
    "Landroid/accounts/AccountAuthenticatorActivity;": "Landroid/app/Activity;",
    "Landroid/preference/PreferenceActivity;": "Landroid/app/ListActivity;",
    "Landroid/app/Service;": "Landroid/content/ContextWrapper;",
    "Landroid/app/IntentService;": "Landroid/app/Service;",
    "Landroid/app/job/JobService;": "Landroid/app/Service;",
    "Landroid/accessibilityservice/AccessibilityService;": "Landroid/app/Service;",
    "Landroid/inputmethodservice/AbstractInputMethodService;": "Landroid/app/Service;",
    "Landroid/inputmethodservice/InputMethodService;":
      "Landroid/inputmethodservice/AbstractInputMethodService;",
    "Landroid/net/VpnService;": "Landroid/app/Service;",
    "Landroid/service/notification/NotificationListenerService;": "Landroid/app/Service;",
    "Landroid/service/wallpaper/WallpaperService;": "Landroid/app/Service;",
    "Landroid/speech/RecognitionService;": "Landroid/app/Service;",
    "Landroid/telecom/CallScreeningService;": "Landroid/app/Service;",
    "Landroid/telecom/ConnectionService;": "Landroid/app/Service;",
    "Landroid/telecom/InCallService;": "Landroid/app/Service;",
    "Landroid/webkit/WebView;": "Landroid/widget/AbsoluteLayout;",
    "Landroid/hardware/Camera$CameraInfo;": "Ljava/lang/Object;",
    "Landroid/telephony/gsm/GsmCellLocation;": "Landroid/telephony/CellLocation;",
    "Landroid/telephony/cdma/CdmaCellLocation;": "Landroid/telephony/CellLocation;",
  }),
);

/** Libraries that are linked into apps under Android's own name. */
const LIBRARIES = ["Landroid/support/", "Landroid/arch/", "Landroid/databinding/"];

/** Whether a class is the platform's by its name: Android's own or Java's. */
export function isPlatformClass(descriptor: string): boolean {
  if (descriptor.startsWith("Landroid/")) return !LIBRARIES.some((library) => descriptor.startsWith(library));
  return descriptor.startsWith("Ljava/") || descriptor.startsWith("Ldalvik/");
}
