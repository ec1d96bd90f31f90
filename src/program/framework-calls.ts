/**
 * Callbacks that only some methods of their class bring about: to hold a Thread is not to start it. Any other class's
 * callbacks may come of any call.
 */
export const TRIGGERS: Readonly<Record<string, RegExp>> = {
  "Ljava/lang/Thread;": /^start\//,
  "Landroid/os/AsyncTask;": /^execute/,
};

/** Calls that hand over another thing than what they are passed: a Thread runs nothing before it is started, a Messenger's handler gets what is sent. */
export const HANDED: Readonly<Record<string, readonly string[]>> = {
  "Ljava/lang/Thread;-><init>(Ljava/lang/Runnable;)V": [],
  "Ljava/lang/Thread;-><init>(Ljava/lang/Runnable;Ljava/lang/String;)V": [],
  "Ljava/lang/Thread;-><init>(Ljava/lang/ThreadGroup;Ljava/lang/Runnable;)V": [],
  "Ljava/lang/Thread;-><init>(Ljava/lang/ThreadGroup;Ljava/lang/Runnable;Ljava/lang/String;)V": [],
  "Ljava/lang/Thread;-><init>(Ljava/lang/ThreadGroup;Ljava/lang/Runnable;Ljava/lang/String;J)V": [],
  "Ljava/lang/Thread;->start()V": ["Ljava/lang/Runnable;"],
  "Landroid/os/Messenger;-><init>(Landroid/os/Handler;)V": [],
  "Landroid/os/Messenger;->send(Landroid/os/Message;)V": ["Landroid/os/Handler;"],
};

/** Classes whose objects libraries make when they are given the class. */
export const MADE_BY_NAME = new Set([
  "Landroid/app/Fragment;",
  "Landroidx/fragment/app/Fragment;",
  "Landroid/support/v4/app/Fragment;",
  "Landroidx/lifecycle/ViewModel;",
  "Landroidx/startup/Initializer;",
  "Landroidx/work/ListenableWorker;",
  "Landroidx/work/Worker;",
  "Landroidx/work/CoroutineWorker;",
]);

/** The call that hands an object over to the scripts of a WebView, and what they may call of it (from API level 17 on). */
export const BRIDGE = "addJavascriptInterface(Ljava/lang/Object;Ljava/lang/String;)V";
export const JAVASCRIPT_INTERFACE = "Landroid/webkit/JavascriptInterface;";
